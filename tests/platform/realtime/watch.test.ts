import { expect, test } from "@jest/globals";
import { watch } from "../../../src/platform/realtime/watch.ts";

/** A thing that moves, and whoever is told. */
class Thing {
  version = 1;
  reads = 0;
  failures = 0;
  private readonly listeners = new Set<() => void>();

  move(version: number): void {
    this.version = version;
    for (const listener of this.listeners) listener();
  }

  watch(afterVersion = 0, final = 10) {
    return watch<number>({
      listen: (onNudge) => {
        this.listeners.add(onNudge);
        return Promise.resolve(() => this.listeners.delete(onNudge));
      },
      read: () => {
        this.reads += 1;
        if (this.failures-- > 0) return Promise.reject(new Error("away"));
        return Promise.resolve(this.version);
      },
      versionOf: (version) => version,
      isFinal: (version) => version >= final,
      afterVersion,
      retryMs: 5,
    });
  }

  get listening(): number {
    return this.listeners.size;
  }
}

test("gives the present state first, then each later one, and ends after the final one", async () => {
  const thing = new Thing();
  const updates = thing.watch();
  expect(await updates.next()).toEqual({ done: false, value: 1 });
  const next = updates.next();
  thing.move(2);
  expect(await next).toEqual({ done: false, value: 2 });
  thing.move(10);
  expect(await updates.next()).toEqual({ done: false, value: 10 });
  expect(await updates.next()).toEqual({ done: true, value: undefined });
  expect(thing.listening).toBe(0);
});

test("makes one read of many nudges, so that a slow consumer skips states but not the last", async () => {
  const thing = new Thing();
  const updates = thing.watch();
  await updates.next();
  for (let version = 2; version <= 9; version += 1) thing.move(version);
  expect(await updates.next()).toEqual({ done: false, value: 9 });
  expect(thing.reads).toBe(2);
});

test("sends nothing that the client has already, and ends when that was the final state", async () => {
  const thing = new Thing();
  thing.version = 10;
  expect(await thing.watch(10).next()).toEqual({ done: true, value: undefined });
  thing.version = 5;
  const updates = thing.watch(5);
  const next = updates.next();
  thing.move(6);
  expect(await next).toEqual({ done: false, value: 6 });
});

test("return() ends it at once, also while next() waits", async () => {
  const thing = new Thing();
  const updates = thing.watch();
  await updates.next();
  const waiting = updates.next();
  await updates.return!();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(thing.listening).toBe(0);
});

test("survives a store that is away for a moment", async () => {
  const thing = new Thing();
  thing.failures = 2;
  expect(await thing.watch().next()).toEqual({ done: false, value: 1 });
  expect(thing.reads).toBe(3);
});
