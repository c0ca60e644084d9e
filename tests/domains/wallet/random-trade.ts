import { Refused } from "../../../src/platform/graphql/problems.ts";
import { seeded } from "../../../src/platform/random/seeded.ts";
import { forJob, type Till } from "./wallet-bed.ts";

/** What clients did to wallets, by their own account. */
export interface Trade {
  readonly users: readonly string[];
  /** Sum of all changes that were confirmed, by user. */
  readonly expected: ReadonlyMap<string, number>;
  readonly operations: number;
  readonly refusals: number;
  /** The smallest balance that any answer told. */
  readonly lowest: number;
}

type Movement = ReturnType<typeof forJob>;

/** Lets clients do random things to the same wallets at once, each at one of the tills. */
export async function trade(
  tills: readonly Till[],
  options: { clients: number; operations: number; wallets: number; seed: number },
): Promise<Trade> {
  const users = Array.from({ length: options.wallets }, () => tills[0]!.ids.next("usr"));
  const traders = Array.from(
    { length: options.clients },
    (_, index) => new Trader(tills[index % tills.length]!, users, seeded(options.seed + index)),
  );
  await Promise.all(
    traders.map(async (trader) => {
      for (let count = 0; count < options.operations; count += 1) await trader.act();
    }),
  );
  const expected = new Map(users.map((user) => [user, 0]));
  for (const trader of traders) {
    for (const [user, sum] of trader.sums) expected.set(user, expected.get(user)! + sum);
  }
  return {
    users,
    expected,
    operations: options.clients * options.operations,
    refusals: traders.reduce((sum, trader) => sum + trader.refusals, 0),
    lowest: Math.min(...traders.map((trader) => trader.lowest)),
  };
}

/** One client. It remembers its charges and holds, to undo, resolve and repeat them later. */
class Trader {
  readonly sums = new Map<string, number>();
  refusals = 0;
  lowest = Infinity;
  private readonly charges: Movement[] = [];
  private readonly holds: Movement[] = [];

  constructor(
    private readonly till: Till,
    private readonly users: readonly string[],
    private readonly random: () => number,
  ) {}

  async act(): Promise<void> {
    const ways = [this.credit, this.spend, this.spend, this.hold, this.resolve, this.refund];
    try {
      await this.oneOf([...ways, this.repeat]).call(this);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.refusals += 1;
    }
  }

  private async credit(): Promise<void> {
    const movement = { ...this.movement(40), kind: "PURCHASE" as const };
    this.note(await this.till.run((tx) => this.till.wallets.credit(tx, movement)));
  }

  private async spend(): Promise<void> {
    const movement = this.movement(25);
    this.note(await this.till.run((tx) => this.till.wallets.spend(tx, movement)));
    this.charges.push(movement);
  }

  private async repeat(): Promise<void> {
    const movement = this.oneOf(this.charges);
    if (!movement) return;
    this.note(await this.till.run((tx) => this.till.wallets.spend(tx, movement)));
  }

  private async hold(): Promise<void> {
    const movement = this.movement(25);
    const expiresAt = new Date(Date.now() + 60_000);
    await this.till.run((tx) => this.till.holds.hold(tx, { ...movement, expiresAt }));
    this.holds.push(movement);
  }

  private async resolve(): Promise<void> {
    const movement = this.oneOf(this.holds);
    if (!movement) return;
    this.holds.splice(this.holds.indexOf(movement), 1);
    const { reference, amount, userId } = movement;
    const part = 1 + Math.floor(this.random() * amount);
    const hold = await this.till.run((tx) =>
      this.random() < 0.5
        ? this.till.holds.capture(tx, { reference, amount: part })
        : this.till.holds.release(tx, reference),
    );
    this.add(userId, -hold.captured);
  }

  private async refund(): Promise<void> {
    const movement = this.oneOf(this.charges);
    if (!movement) return;
    this.charges.splice(this.charges.indexOf(movement), 1);
    const undoing = { entryKey: movement.key, key: `${movement.key}:refund` };
    this.note(await this.till.run((tx) => this.till.wallets.refund(tx, undoing)));
  }

  private note(booked: {
    isNew: boolean;
    entry: { userId: string; delta: number; balanceAfter: number };
  }): void {
    const { userId, delta, balanceAfter } = booked.entry;
    this.lowest = Math.min(this.lowest, balanceAfter);
    if (booked.isNew) this.add(userId, delta);
  }

  private add(userId: string, delta: number): void {
    this.sums.set(userId, (this.sums.get(userId) ?? 0) + delta);
  }

  private movement(most: number): Movement {
    return forJob(this.till, this.oneOf(this.users), 1 + Math.floor(this.random() * most));
  }

  private oneOf<T>(things: readonly T[]): T {
    return things[Math.floor(this.random() * things.length)] as T;
  }
}
