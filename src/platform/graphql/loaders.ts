import DataLoader from "dataloader";

/**
 * The loaders of one operation. Each domain adds its own by declaration merging
 * (`declare module "../../platform/graphql/loaders.ts" { interface Loaders { … } }`).
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface Loaders {}

/** Makes a domain's loaders for one operation; made again for each event of a subscription. */
export type LoaderFactory = () => Partial<Loaders>;

/**
 * Puts the loaders of all domains together. A domain's loaders are made when one of them is first used:
 * most operations need few, and an open subscription none between its events.
 */
export function composeLoaders(factories: readonly LoaderFactory[]): () => Loaders {
  class OperationLoaders {
    /** Those of each factory, once they were made. */
    readonly made: Record<string, unknown>[] = [];
  }
  for (const [index, factory] of factories.entries()) {
    for (const name of Object.keys(factory())) {
      Object.defineProperty(OperationLoaders.prototype, name, {
        get(this: OperationLoaders) {
          return (this.made[index] ??= factory() as Record<string, unknown>)[name];
        },
      });
    }
  }
  return () => new OperationLoaders() as unknown as Loaders;
}

/** Loads one row per key, in key order, null when absent. */
export function oneByKey<K, V>(
  fetch: (keys: readonly K[]) => Promise<readonly V[]>,
  keyOf: (value: V) => K,
): DataLoader<K, V | null> {
  return new DataLoader<K, V | null>(async (keys) => {
    const byKey = new Map((await fetch(keys)).map((value) => [keyOf(value), value]));
    return keys.map((key) => byKey.get(key) ?? null);
  });
}

/** The rows of each key, in the order of the rows; an empty list when there are none. */
export function rowsOfEach<K, V>(
  keys: readonly K[],
  rows: readonly V[],
  keyOf: (value: V) => K,
): V[][] {
  const byKey = Map.groupBy(rows, keyOf);
  return keys.map((key) => byKey.get(key) ?? []);
}

/** Loads all rows of a key, in the order of `fetch`, an empty list when there are none. */
export function manyByKey<K, V>(
  fetch: (keys: readonly K[]) => Promise<readonly V[]>,
  keyOf: (value: V) => K,
): DataLoader<K, V[]> {
  return new DataLoader<K, V[]>(async (keys) => {
    const byKey = new Map<K, V[]>(keys.map((key) => [key, []]));
    for (const value of await fetch(keys)) byKey.get(keyOf(value))?.push(value);
    return keys.map((key) => byKey.get(key) ?? []);
  });
}
