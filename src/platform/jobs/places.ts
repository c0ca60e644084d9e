/** How many places a worker has beside those of a single kind, so that kinds which hang leave some to the others. */
const MAX_SPARE = 32;
const SPARE_SHARE = 2;

/** The places of a worker process: no kind may take more than its own number, however many of it wait (src/decisions/0046). */
export class Places {
  private readonly taken = new Map<string, number>();

  /** @param perKind jobs of one kind that run at once */
  constructor(private readonly perKind: number) {}

  /** Jobs and tasks that run at once in all. */
  get total(): number {
    return this.perKind + Math.min(SPARE_SHARE * this.perKind, MAX_SPARE);
  }

  /** The kinds that must not take another place now. */
  full(): string[] {
    return [...this.taken].filter(([, count]) => count >= this.perKind).map(([kind]) => kind);
  }

  /** Takes a place; false when the kind has none left. */
  take(kind: string): boolean {
    const count = this.taken.get(kind) ?? 0;
    if (count >= this.perKind) return false;
    this.taken.set(kind, count + 1);
    return true;
  }

  giveBack(kind: string): void {
    this.taken.set(kind, (this.taken.get(kind) ?? 0) - 1);
  }
}
