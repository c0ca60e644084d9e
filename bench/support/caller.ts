import { Agent, request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly data: any;
  readonly errors: readonly { message: string; extensions?: any }[];
  readonly ms: number;
}

/** A client with one keep-alive connection, that never repeats a request by itself. */
export class Caller {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(
    public url: string,
    private readonly accessToken: string | null,
  ) {}

  /** Rejects when no answer came. */
  async call(query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
    const startMs = performance.now();
    const body = JSON.stringify({ query, variables });
    const { status, text } = await this.post(body);
    const parsed = JSON.parse(text) as { data?: unknown; errors?: Answer["errors"] };
    const ms = performance.now() - startMs;
    return { status, data: parsed.data, errors: parsed.errors ?? [], ms };
  }

  close(): void {
    this.agent.destroy();
  }

  private post(body: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const call = request(
        `${this.url}/graphql`,
        {
          method: "POST",
          agent: this.agent,
          timeout: 20_000,
          headers: {
            "content-type": "application/json",
            accept: "application/graphql-response+json",
            "content-length": Buffer.byteLength(body),
            ...(this.accessToken === null ? {} : { authorization: `Bearer ${this.accessToken}` }),
          },
        },
        (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (chunk: string) => (text += chunk));
          response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
          response.on("error", reject);
        },
      );
      call.on("timeout", () => call.destroy(new Error("no answer in 20 s")));
      call.on("error", reject);
      call.end(body);
    });
  }
}
