import type { Tx } from "../db/unit-of-work.ts";

/** A kind of thing that happens in a domain; the type parameter is what is told about it. */
export interface DomainEventType<Facts> {
  /** Unique, words joined by dots, the domain first: `billing.payment_failed`. */
  readonly name: string;
  /** Never set: it carries the type. */
  readonly facts?: Facts;
}

/** Declares a kind of event. The domain that it happens in exports it through its door. */
export const domainEventType = <Facts>(name: string): DomainEventType<Facts> => ({ name });

type Reaction<Facts> = (tx: Tx, facts: Facts) => Promise<void>;

/**
 * Lets domains react to each other without knowing each other. A reaction runs in the transaction of what happened:
 * both are stored or neither, and each event takes effect once. It must be short and call no network.
 */
export class DomainEvents {
  private readonly reactions = new Map<string, Reaction<unknown>[]>();

  /** Has something done at each event of a type. Call it while the program is put together. */
  on<Facts>(type: DomainEventType<Facts>, reaction: Reaction<Facts>): void {
    const present = this.reactions.get(type.name) ?? [];
    this.reactions.set(type.name, [...present, reaction as Reaction<unknown>]);
  }

  /** Tells that something happened; resolves when all reactions are done, in the order in which they were added. */
  async emit<Facts>(tx: Tx, type: DomainEventType<Facts>, facts: Facts): Promise<void> {
    for (const react of this.reactions.get(type.name) ?? []) await react(tx, facts);
  }
}
