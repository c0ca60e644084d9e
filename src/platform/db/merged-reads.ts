/** Statements of one kind that run at the same time; what comes meanwhile waits and becomes one statement. */
const AT_ONCE = 2;
const MAX_KEYS = 2_000;

/** Reads rows by their keys. */
export type ReadByKeys<K, V> = (keys: readonly K[]) => Promise<readonly V[]>;

interface Call<K, V> {
  readonly keys: readonly K[];
  resolve(rows: readonly V[]): void;
  reject(error: unknown): void;
}

/**
 * Lets all operations of the process read together: what is asked for in the same moment, or while earlier statements of
 * this kind run, becomes one statement. A read never joins a statement that has been sent, so nobody sees anything older
 * than by himself. For rows that everybody may see and nobody changes in memory: the same objects go to all who ask.
 * The rows of a key come in the order of `fetch`.
 */
export function mergedByKeys<K, V>(
  fetch: ReadByKeys<K, V>,
  keyOf: (row: V) => K,
): ReadByKeys<K, V> {
  let waiting: Call<K, V>[] = [];
  let running = 0;
  let isDue = false;

  const send = async (calls: readonly Call<K, V>[]): Promise<void> => {
    running += 1;
    try {
      const rows = await fetch([...new Set(calls.flatMap(({ keys }) => keys))]);
      if (calls.length === 1) calls[0]?.resolve(rows);
      else share(calls, Map.groupBy(rows, keyOf));
    } catch (error) {
      for (const call of calls) call.reject(error);
    } finally {
      running -= 1;
      flush();
    }
  };
  const flush = (): void => {
    isDue = false;
    while (waiting.length > 0 && running < AT_ONCE) {
      const calls = takeUpTo(MAX_KEYS, waiting);
      waiting = waiting.slice(calls.length);
      void send(calls);
    }
  };
  return (keys) =>
    new Promise((resolve, reject) => {
      waiting.push({ keys, resolve, reject });
      if (isDue || running >= AT_ONCE) return;
      isDue = true;
      setImmediate(flush);
    });
}

/** The first calls whose keys fit into one statement, at least one. */
function takeUpTo<K, V>(most: number, calls: readonly Call<K, V>[]): readonly Call<K, V>[] {
  let keys = 0;
  const end = calls.findIndex((call, index) => (keys += call.keys.length) > most && index > 0);
  return end === -1 ? calls : calls.slice(0, end);
}

function share<K, V>(calls: readonly Call<K, V>[], byKey: ReadonlyMap<K, readonly V[]>): void {
  for (const { keys, resolve } of calls) resolve(keys.flatMap((key) => byKey.get(key) ?? []));
}

/**
 * The same for reads of one kind that differ in more than their keys, such as the columns or the page of each: those with
 * equal shapes, which must be JSON, become one statement. A shape is forgotten when nobody waits for it.
 */
export function mergedByShape<S, K, V>(
  fetch: (shape: S, keys: readonly K[]) => Promise<readonly V[]>,
  keyOf: (row: V) => K,
): (shape: S, keys: readonly K[]) => Promise<readonly V[]> {
  const shapes = new Map<string, { readonly read: ReadByKeys<K, V>; users: number }>();
  return async (shape, keys) => {
    const name = JSON.stringify(shape);
    let known = shapes.get(name);
    if (!known) {
      known = { read: mergedByKeys((wanted) => fetch(shape, wanted), keyOf), users: 0 };
      shapes.set(name, known);
    }
    known.users += 1;
    try {
      return await known.read(keys);
    } finally {
      known.users -= 1;
      if (known.users === 0) shapes.delete(name);
    }
  };
}

/**
 * The same for reads that are told apart by their arguments, which must be JSON: equal ones that wait for each other
 * become one.
 */
export function mergedWhenEqual<A extends readonly unknown[], V>(
  read: (...args: A) => Promise<V>,
): (...args: A) => Promise<V> {
  const next = new Map<string, Promise<V>>();
  const last = new Map<string, Promise<unknown>>();
  return (...args) => {
    const key = JSON.stringify(args);
    const known = next.get(key);
    if (known) return known;
    const before = last.get(key) ?? new Promise(setImmediate);
    const reading = before.then(() => {
      next.delete(key);
      const sent = read(...args);
      const over = sent.then(noted, noted).then(() => {
        if (last.get(key) === over) last.delete(key);
      });
      last.set(key, over);
      return sent;
    });
    next.set(key, reading);
    return reading;
  };
}

const noted = (): void => undefined;
