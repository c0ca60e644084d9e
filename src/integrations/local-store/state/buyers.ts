import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "../../../platform/clock/clock.ts";
import type { Logger } from "../../../platform/observe/logger.ts";
import { wireEventSchema, type WireEvent } from "../wire/wire-event.ts";
import { buyerSchema, newBuyer, type Buyer } from "./buyer.ts";
import { VersionedFiles } from "./versioned-files.ts";

const MAX_TRIES = 100;
/** Stripe counts seconds: events of different actions are two of them apart, with room for one before. */
const STEP_MS = 2_000;

const recordSchema = z.object({ buyer: buyerSchema, events: z.array(wireEventSchema) });

/** What an action leaves behind: the buyer, and what the real stores would now send. */
export interface Change {
  readonly buyer: Buyer;
  readonly events: readonly WireEvent[];
}

/** Keeps the buyers of the local store. A change and the events that tell of it are written together or not at all. */
export class Buyers {
  private readonly files: VersionedFiles<z.infer<typeof recordSchema>>;

  constructor(
    dir: string,
    private readonly clock: Clock,
    private readonly log: Logger,
    /** Takes what is to be sent; told again after a crash, so the same events may come twice. */
    private readonly send: (events: readonly WireEvent[]) => Promise<void>,
  ) {
    this.files = new VersionedFiles(join(dir, "buyers"), (json) => recordSchema.parse(json));
  }

  /** Null when nobody is known under this id. */
  async find(customerId: string): Promise<Buyer | null> {
    if (!/^cus_[0-9a-f]{24}$/.test(customerId)) return null;
    return (await this.files.newest(customerId))?.value.buyer ?? null;
  }

  /** Everybody. */
  async all(): Promise<Buyer[]> {
    const buyers = await Promise.all((await this.files.ids()).map((id) => this.find(id)));
    return buyers.filter((buyer) => buyer !== null);
  }

  /**
   * Lets an action happen to a buyer, who is new when nobody is known under this id. Of actions at the same time each
   * sees what the one before has left.
   * @param act `at` is the time of its events; null when there is nothing to do
   * @returns the buyer as it is then
   */
  async change(
    who: { readonly customerId: string; readonly userId: string },
    act: (buyer: Buyer, at: Date) => Change | null,
  ): Promise<Buyer> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const newest = await this.files.newest(who.customerId);
      const buyer = newest?.value.buyer ?? newBuyer(who.customerId, who.userId);
      const now = Math.floor(this.clock.now().getTime() / 1000) * 1000;
      const at = new Date(Math.max(now, buyer.lastEventAt + STEP_MS));
      const change = act(buyer, at);
      if (!change) return buyer;
      const { events } = change;
      const lastEventAt = events.length > 0 ? at.getTime() : buyer.lastEventAt;
      const record = { buyer: { ...change.buyer, lastEventAt }, events: [...events] };
      if (await this.files.write(who.customerId, (newest?.number ?? 0) + 1, record)) {
        await this.send(events);
        return record.buyer;
      }
    }
    throw new Error("Too many others change the same buyer.");
  }

  /** Sends every event once more that was ever written: a process may have died between writing and sending. */
  async sendAll(): Promise<void> {
    for (const id of await this.files.ids()) {
      try {
        for (const { events } of await this.files.history(id)) await this.send(events);
      } catch (error) {
        this.log.warn({ err: error, id }, "a buyer of the local store cannot be read");
      }
    }
  }
}
