import pg from "pg";
import type { Logger } from "../observe/logger.ts";

const CHANNEL = "rows_changed";
const RETRY_MS = 500;

/**
 * Hears of changed rows: triggers of the tables tell the channel `rows_changed` at each commit. What is told while the
 * connection is broken is lost, so nothing may be trusted then: `isListening` is false, and `onChange` is called when
 * it is back.
 */
export class RowChanges {
  private client: pg.Client | null = null;
  private listening = false;
  private closed = false;
  private retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly url: string,
    private readonly log: Logger,
    private readonly onChange: () => void,
  ) {
    void this.connect();
  }

  isListening(): boolean {
    return this.listening;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.listening = false;
    clearTimeout(this.retry);
    await this.client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: "facet row changes",
      keepAlive: true,
    });
    this.client = client;
    const lost = (): void => this.lose(client);
    client.on("error", lost);
    client.on("end", lost);
    client.on("notification", () => {
      this.onChange();
    });
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      if (this.client !== client || this.closed) return;
      this.onChange();
      this.listening = true;
    } catch (error) {
      this.log.debug({ err: error }, "changed rows cannot be heard of");
      lost();
    }
  }

  private lose(client: pg.Client): void {
    if (this.client !== client || this.closed) return;
    this.client = null;
    this.listening = false;
    client.end().catch(() => undefined);
    this.retry = setTimeout(() => void this.connect(), RETRY_MS).unref();
  }
}
