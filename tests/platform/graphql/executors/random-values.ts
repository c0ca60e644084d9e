import {
  getNullableType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLAbstractType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from "graphql";
import { seeded } from "../../../../src/platform/random/seeded.ts";

/** Draws that are the same for the same text, so that a place of an answer is given the same value by all executors. */
export class Draw {
  private readonly random: () => number;

  constructor(text: string) {
    let seed = 2_166_136_261;
    for (let index = 0; index < text.length; index += 1) {
      seed = Math.imul(seed ^ text.charCodeAt(index), 16_777_619);
    }
    this.random = seeded(seed);
  }

  below(most: number): number {
    return Math.floor(this.random() * most);
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!;
  }

  /** True so often in a hundred. */
  often(percent: number): boolean {
    return this.random() * 100 < percent;
  }
}

const WRONG_LEAVES: readonly (() => unknown)[] = [
  () => null,
  () => undefined,
  () => Number.NaN,
  () => 2 ** 40,
  () => -0,
  () => "",
  () => "12",
  () => 1.5,
  () => true,
  () => 10n,
  () => Symbol("sign"),
  () => ({}),
  () => [],
  () => ["one"],
  () => ({ valueOf: () => 7 }),
  () => ({ valueOf: () => ({}), toJSON: () => "as JSON" }),
  () => new Date(0),
  () => () => "called",
  () => Object.create(null) as object,
  () => 13,
  () => 4,
];
const GOOD_LEAVES: Record<string, readonly unknown[]> = {
  String: ["text", 'é\u2028"\\', "", 5, true],
  ID: ["id_1", 5, "0"],
  Int: [1, 0, -3, 2 ** 31 - 1],
  Float: [1.5, 3, -0.25],
  Boolean: [true, false],
  Odd: [1, 3, "odd", new Date(0)],
  Color: ["r", "g", 7],
};

const NO_LISTS: readonly (() => unknown)[] = [
  () => "a text is no list",
  () => ({ length: 1, 0: "like a list" }),
  () => asynchronous(["later"]),
  () => new Map([["key", "value"]]),
  () => 5,
];

const fault = (message: string): Error =>
  Object.assign(new Error(message), { extensions: { code: "FAULT" } });
const THROWN: readonly ((message: string) => unknown)[] = [
  fault,
  fault,
  (message) => new TypeError(message),
  (message) => message,
  (message) => ({ message, extensions: { code: "LIKE_AN_ERROR" } }),
  () => null,
  () => undefined,
  () => 5,
  (message) => Object.freeze(fault(message)),
  (message) => new AggregateError([fault("inner")], message),
  (message) => Object.assign(fault(message), { path: ["its", "own"], locations: [] }),
];

/** Gives a value after so many turns of the queue of promises. */
async function after<T>(turns: number, value: () => T): Promise<T> {
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
  return value();
}
const nextLoop = <T>(value: () => T): Promise<T> =>
  new Promise((resolve, reject) =>
    setImmediate(() => {
      try {
        resolve(value());
      } catch (error) {
        // Anything may be thrown, and so be rejected with.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        reject(error);
      }
    }),
  );

/** Makes what resolvers return: mostly good values, in all forms in which values come. */
export class Values {
  /** @param faults Of a hundred values, how many are none or wrong. */
  constructor(
    private readonly schema: () => GraphQLSchema,
    private readonly faults: number,
  ) {}

  /** What a resolver returns or throws for a type at a place. */
  give(type: GraphQLOutputType, place: string): unknown {
    const draw = new Draw(place);
    const failed = draw.often(this.faults / 2);
    const value = (): unknown => {
      if (!failed) return this.make(type, draw, place);
      const thrown = draw.one(THROWN)(`broken at ${place.slice(-20)}`);
      if (thrown instanceof Error && draw.often(20)) return thrown;
      throw thrown;
    };
    switch (draw.below(8)) {
      case 0:
        return Promise.resolve().then(value);
      case 1:
        return after(draw.below(5), value);
      case 2:
        return nextLoop(value);
      case 3:
        return thenable(value);
      default:
        return value();
    }
  }

  /** The same for places that are asked together: a value, an error or nothing, now. */
  plain(type: GraphQLOutputType, place: string): unknown {
    const draw = new Draw(place);
    return draw.often(this.faults / 2)
      ? fault(`broken at ${place.slice(-20)}`)
      : this.make(type, draw, place);
  }

  private make(type: GraphQLOutputType, draw: Draw, place: string): unknown {
    const inner = getNullableType(type);
    if (draw.often(isNonNullType(type) ? this.faults / 2 : 8)) return draw.one([null, undefined]);
    if (isListType(inner)) return this.list(inner.ofType, draw, place);
    if (isLeafType(inner)) {
      if (draw.often(this.faults)) return draw.one(WRONG_LEAVES)();
      return draw.one(GOOD_LEAVES[isEnumType(inner) ? "Color" : inner.name] ?? ["text"]);
    }
    if (draw.often(this.faults / 2)) return draw.one(["no object", 5, true, [], new Map()]);
    return isObjectType(inner) ? this.object(inner, place) : this.abstract(inner, draw, place);
  }

  private list(item: GraphQLOutputType, draw: Draw, place: string): unknown {
    if (draw.often(this.faults / 2)) return draw.one(NO_LISTS)();
    const isRequired = isNonNullType(item);
    // Where one item's failure is the whole list's, graphql-js forgets the others that are on their way: then all are.
    const allLate = isRequired && (draw.often(50) || !isLeafType(item.ofType));
    const items = Array.from({ length: draw.below(4) }, (_, index) => {
      const at = `${place}[${index}]`;
      const given = () => this.give(item, at);
      const of = new Draw(`${at} form`);
      if (allLate || (!isRequired && of.often(30))) return after(of.below(3), given);
      if (isRequired) return this.make(item, of, at);
      try {
        return given();
      } catch (error) {
        return error instanceof Error ? error : null;
      }
    });
    return draw.often(this.faults) ? draw.one([new Set(items), items.values(), one(items)]) : items;
  }

  private abstract(type: GraphQLAbstractType, draw: Draw, place: string): object {
    const possible = this.schema().getPossibleTypes(type);
    const chosen = this.object(draw.one(possible), place);
    if (!draw.often(this.faults)) return chosen;
    const ways = ["Nothing", "Query", "Color", "late", "rejected", "thrown", "object", 5, null];
    return Object.assign(chosen, { kind: draw.one([...ways, ...possible.map(String)]) });
  }

  /** A row with a property for each field that has no resolver: plain, made when asked for, or a method. */
  object(type: GraphQLObjectType, place: string): Record<string, unknown> {
    const row: Record<string, unknown> = { kind: type.name, at: place };
    for (const field of Object.values(type.getFields())) {
      if (field.resolve !== undefined) continue;
      const at = `${place}.${field.name}`;
      const draw = new Draw(`${at} form`);
      if (draw.often(60) && isLeafType(getNullableType(field.type))) {
        row[field.name] = this.make(field.type, draw, at);
      } else if (draw.often(50)) {
        Object.defineProperty(row, field.name, { get: () => this.give(field.type, at) });
      } else {
        row[field.name] = (args: unknown) => this.give(field.type, at + JSON.stringify(args));
      }
    }
    return row;
  }
}

function* one<T>(items: readonly T[]): Iterable<T> {
  yield* items;
}
async function* asynchronous<T>(items: readonly T[]): AsyncIterable<Awaited<T>> {
  for (const item of items) yield await Promise.resolve(item);
}

/** Something that is no promise but can be waited for. */
const thenable = (value: () => unknown): PromiseLike<unknown> => ({
  // oxlint-disable-next-line
  then: (good, bad) => Promise.resolve().then(value).then(good, bad),
});
