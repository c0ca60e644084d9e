import DataLoader from "dataloader";
import { ALL_COLUMNS } from "./selected-fields.ts";

/** Reads what belongs to keys, with at least the groups of columns whose bits are set. */
export type ReadWith<R> = (keys: readonly string[], columns: number) => Promise<readonly R[]>;

interface Wanted {
  readonly key: string;
  readonly columns: number;
}

/**
 * Loads what belongs to a key for one operation, and reads no more columns than are asked for: what is asked in one moment
 * is one statement, with the columns of all. What was read with fewer columns than are asked for later is read again.
 */
export class RowLoader<V> {
  private readonly known = new Map<string, { columns: number; value: Promise<V> }>();
  private loader: DataLoader<Wanted, V> | undefined;

  constructor(
    private readonly read: (
      keys: readonly string[],
      columns: number,
    ) => Promise<ReadonlyMap<string, V>>,
  ) {}

  /** @param columns Bits of the groups of columns that are needed; all unless told. */
  load(key: string, columns = ALL_COLUMNS): Promise<V> {
    const known = this.known.get(key);
    if (known && (columns & ~known.columns) === 0) return known.value;
    const wanted = columns | (known?.columns ?? 0);
    this.loader ??= new DataLoader<Wanted, V>((batch) => this.readAll(batch), { cache: false });
    const value = this.loader.load({ key, columns: wanted });
    this.known.set(key, { columns: wanted, value });
    return value;
  }

  private async readAll(wanted: readonly Wanted[]): Promise<V[]> {
    const keys = new Set(wanted.map(({ key }) => key));
    const columns = wanted.reduce((bits, each) => bits | each.columns, 0);
    const found = await this.read([...keys], columns);
    return wanted.map(({ key }) => found.get(key)!);
  }
}

/** Loads one row per key, null when absent. */
export const oneRowByKey = <R extends object>(
  read: ReadWith<R>,
  keyOf: (row: R) => string,
): RowLoader<R | null> =>
  new RowLoader(async (keys, columns) => {
    const found = new Map<string, R | null>(keys.map((key) => [key, null]));
    for (const row of await read(keys, columns)) found.set(keyOf(row), row);
    return found;
  });

/**
 * What `take` finds in a row. When the row was read without the column – `take` gives undefined – it is read again with all
 * columns, so that a field never answers what was not read.
 * @param again Loads the row with all columns; null when it is gone.
 * @throws when it is gone
 */
export function ofRow<R, V>(
  row: R,
  take: (row: R) => V | undefined,
  again: () => Promise<R | null>,
): V | Promise<V> {
  const value = take(row);
  return value === undefined ? reread(take, again) : value;
}

async function reread<R, V>(take: (row: R) => V | undefined, again: () => Promise<R | null>) {
  const whole = await again();
  const value = whole === null ? undefined : take(whole);
  if (value === undefined) throw new Error("A row has gone while it was answered.");
  return value;
}
