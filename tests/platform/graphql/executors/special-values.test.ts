/* eslint-disable @typescript-eslint/prefer-promise-reject-errors -- resolvers reject with anything */
import { expect, test } from "@jest/globals";
import {
  buildSchema,
  GraphQLError,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  parse,
  type GraphQLFieldConfigMap,
} from "graphql";
import { GraphQLDateTime } from "graphql-scalars";
import { Agreement } from "./agreement.ts";

const schemaOf = (fields: GraphQLFieldConfigMap<any, any>): GraphQLSchema =>
  new GraphQLSchema({ query: new GraphQLObjectType({ name: "Query", fields }) });

async function expectAgreement(
  schema: GraphQLSchema,
  text: string,
  {
    rootValue = {},
    ...more
  }: { rootValue?: unknown; variableValues?: Record<string, unknown> } = {},
): Promise<void> {
  const agreement = new Agreement(schema, () => rootValue);
  const difference = await agreement.differenceIn({ document: parse(text), ...more });
  expect({ text, difference }).toEqual({ text, difference: null });
  expect(agreement.seen.raced).toBe(0);
}

const located = new GraphQLError("It knows where", { path: ["some", "where"] });
const frozen = Object.freeze(new Error("It cannot be changed"));
const once = new Error("It is thrown twice");
class Odd extends Error {
  override get message(): string {
    return "It reckons its message";
  }
}

test.each<[string, () => unknown]>([
  ["a text", () => "a text"],
  ["nothing", () => undefined],
  ["null", () => null],
  ["a number", () => 5],
  ["an object", () => ({ message: "like an error", extensions: { code: "ODD" } })],
  ["an object with a path", () => ({ message: "like an error", path: ["x"] })],
  ["an error that knows where", () => located],
  ["a frozen error", () => frozen],
  ["one error twice", () => once],
  ["an error of a class", () => new Odd()],
  ["several errors", () => new AggregateError([new Error("one"), new Error("two")], "both")],
  ["a GraphQL error", () => new GraphQLError("plain", { extensions: { code: "MINE" } })],
  ["an error with a cause", () => new Error("outer", { cause: new Error("inner") })],
  ["an error without prototype", () => Object.create(null)],
  ["a function", () => () => "called"],
  ["a promise", () => Promise.resolve("late")],
])("thrown, rejected and returned: %s", async (_what, make) => {
  const type = GraphQLString;
  const fail = () => {
    throw make();
  };
  const schema = schemaOf({
    thrown: { type, resolve: fail },
    rejected: { type, resolve: () => Promise.reject(make()) },
    returned: { type, resolve: make },
    later: { type, resolve: () => Promise.resolve(make()) },
    listed: {
      type: new GraphQLList(type),
      resolve: () => ["good", make(), Promise.reject(make())],
    },
    required: { type: new GraphQLNonNull(type), resolve: fail },
  });
  await expectAgreement(schema, "{ thrown rejected returned later listed again: thrown }");
  await expectAgreement(schema, "{ thrown required rejected }");
});

test.each<[string, () => unknown]>([
  ["a list without its own values", () => Array(3)],
  ["a list that begins with a hole", () => [, "second"]],
  ["a typed array", () => new Uint8Array([1, 2])],
  ["a set", () => new Set(["a", Promise.resolve("b")])],
  ["a map", () => new Map([["key", "value"]])],
  ["an iterator", () => ["a", "b"].values()],
  ["a text", () => "text"],
  ["a text object", () => Object("text") as object],
  ["like a list", () => ({ length: 2, 0: "a", 1: "b" })],
  [
    "an iterable that breaks",
    () => ({
      *[Symbol.iterator]() {
        yield "a";
        throw new Error("broke");
      },
    }),
  ],
  [
    "an asynchronous iterable",
    () => ({
      async *[Symbol.asyncIterator]() {
        yield await Promise.resolve("a");
      },
    }),
  ],
  ["a list of lists", () => [["a"], ["b", null], null, Promise.resolve(["c"])]],
  [
    "promises of all kinds",
    () => [Promise.resolve("a"), { then: (good: (v: string) => void) => good("b") }, "c"],
  ],
  [
    "a function that is a promise",
    () => Object.assign(() => "x", { then: (good: (v: unknown) => void) => good(["d"]) }),
  ],
])("a list from %s", async (_what, make) => {
  const leaves = new GraphQLList(GraphQLString);
  const schema = schemaOf({
    list: { type: leaves, resolve: make },
    strict: { type: new GraphQLList(new GraphQLNonNull(GraphQLString)), resolve: make },
    nested: { type: new GraphQLList(leaves), resolve: make },
    late: { type: leaves, resolve: () => Promise.resolve(make()) },
  });
  for (const field of ["list", "strict", "nested", "late"])
    await expectAgreement(schema, `{ ${field} }`);
});

const SHAPES = buildSchema(`
  type Query { a: Thing, b: Thing!, things: [Thing!], word(of: String = "none"): String, count: Int }
  type Thing { name: String, thing: Thing, things: [Thing], word(of: String = "none"): String, count: Int! }
`);
const thing = (depth: number): object => ({
  name: `deep ${depth}`,
  count: () => (depth === 0 ? null : depth),
  word: ({ of }: { of: string }) => `${of} ${depth}`,
  get thing() {
    return depth === 0 ? null : thing(depth - 1);
  },
  things: () => (depth === 0 ? [] : [thing(depth - 1), null, Promise.resolve(thing(depth - 1))]),
});
const SHAPED = {
  a: thing(3),
  b: () => thing(2),
  things: [thing(1), thing(2)],
  word: ({ of }: { of: string }) => of,
  count: () => 5,
};

test.each([
  "{ a { name } a { name thing { name } } a { thing { thing { name } count } } }",
  "{ a { ...A ...A thing { ...A } } ...Q ...Q } fragment A on Thing { name things { name } } fragment Q on Query { a { count } word }",
  '{ b { things { things { name word(of: "x") } } } things { name things { count } } }',
  "{ x: a { y: thing { name } } x: a { y: thing { z: name } } }",
  "{ a { ... { name } ... on Thing { thing { ... { count } } } } }",
  "{ __typename a { __typename @include(if: false) } t: __typename @skip(if: true) u: __typename @include(if: true) }",
  "query ($v: Boolean!) { __typename @include(if: $v) a @skip(if: $v) { name } a @include(if: $v) { name count } ...F @include(if: $v) ...F } fragment F on Query { count }",
  "query ($v: Boolean!) { ...F @include(if: $v) ...F @skip(if: $v) } fragment F on Query { count a { name @skip(if: $v) } }",
  "query ($v: Boolean!) { a { ... @include(if: $v) { name thing { name } } thing { count } } }",
  "query ($a: Boolean!, $b: Boolean!, $c: Boolean!, $d: Boolean!, $e: Boolean!, $f: Boolean!, $g: Boolean!) { a @include(if: $a) { name @skip(if: $b) } word @include(if: $c) count @skip(if: $d) b @include(if: $e) { name @include(if: $f) count @skip(if: $g) } }",
  "{ constructor: count toString: count hasOwnProperty: word valueOf: word __proto__: count then: count }",
  "{ a { constructor: name __proto__: thing { name } } }",
  '{ __type(name: "Thing") { name fields { name args { name defaultValue } } } __schema { queryType { name } } }',
  "{ a { things { thing { things { count } } } } }",
  'query ($w: String = "default") { word(of: $w) a { word(of: $w) b: word(of: null) c: word } }',
])("%s", async (text) => {
  const all = (value: boolean) => Object.fromEntries([..."abcdefgv"].map((name) => [name, value]));
  for (const variableValues of [
    all(true),
    all(false),
    { ...all(true), b: false, d: false, w: null },
    {},
  ]) {
    await expectAgreement(SHAPES, text, { rootValue: SHAPED, variableValues });
  }
});

test.each<[string, unknown]>([
  ["a root that is a function", Object.assign(() => "root", { count: 5 })],
  ["a root without prototype", Object.assign(Object.create(null), { count: () => 7 })],
  [
    "a root of a class",
    new (class {
      readonly #own = 3;
      get count() {
        return this.#own;
      }
      word() {
        return `own ${this.#own}`;
      }
    })(),
  ],
  ["no root", undefined],
  ["a text for a root", "root"],
  ["a map for a root", new Map([["count", 5]])],
])("%s", async (_what, rootValue) => {
  await expectAgreement(SHAPES, "{ count word a { name } }", { rootValue });
});

test("types that are told late, wrongly, by an error or by nobody", async () => {
  const Named = new GraphQLInterfaceType({
    name: "Named",
    fields: { name: { type: GraphQLString } },
    resolveType: (value: { type: () => unknown }) => value.type() as string,
  });
  const objects = ["One", "Two"].map(
    (name) =>
      new GraphQLObjectType({
        name,
        interfaces: [Named],
        fields: { name: { type: GraphQLString, resolve: () => name } },
        isTypeOf: (value: { fits?: () => boolean | Promise<boolean> }) => value.fits?.() ?? true,
      }),
  );
  const fail = () => {
    throw new Error("cannot tell");
  };
  const types: (() => unknown)[] = [
    () => "One",
    () => Promise.resolve("Two"),
    () => Promise.reject(new Error("late")),
    fail,
    () => undefined,
    () => null,
    () => "Query",
    () => "Named",
    () => "Nobody",
    () => 5,
    () => ({ name: "One" }),
    () => objects[0],
    () => "",
  ];
  const fits: (undefined | (() => unknown))[] = [
    undefined,
    () => false,
    () => Promise.resolve(false),
    () => Promise.resolve(true),
    fail,
    () => Promise.reject(new Error("late")),
    () => 1,
    () => 0,
  ];
  for (const type of types) {
    for (const fit of fits) {
      const value = { type, ...(fit && { fits: fit }) };
      const query = new GraphQLObjectType({
        name: "Query",
        fields: {
          one: { type: Named, resolve: () => value },
          list: { type: new GraphQLList(Named), resolve: () => [value, null, value] },
          object: { type: objects[0]!, resolve: () => value },
        },
      });
      const schema = new GraphQLSchema({ query, types: objects });
      await expectAgreement(schema, "{ one { __typename name } }");
      await expectAgreement(
        schema,
        "{ list { name ... on One { __typename } ...T } } fragment T on Two { t: name }",
      );
      await expectAgreement(schema, "{ object { name } }");
    }
  }
});

test("times, as texts and as dates", async () => {
  const days = ["01-01", "02-28", "02-29", "02-30", "04-30", "04-31", "12-31", "12-32", "13-01"];
  const texts = [
    ...days.map((day) => `2026-${day}T23:59:59.999Z`),
    "2024-02-29T00:00:00.000Z",
    "0000-01-01T00:00:00.000Z",
    "2026-01-01T24:00:00.000Z",
    "2026-01-01T10:60:00.000Z",
    "2026-01-01T10:00:60.000Z",
    "2026-01-01T10:00:00Z",
    "2026-01-01T10:00:00.1Z",
    "2026-01-01T10:00:00.123456Z",
    "2026-01-01T10:00:00.000+07:00",
    "2026-01-01 10:00:00.000Z",
    "2026-01-01T10:00:00.000Z\n",
    "2026-01-01",
    "",
  ];
  const dates = [new Date(0), new Date(Number.NaN), new Date(8.64e15), new Date(-1)];
  const values: unknown[] = [...texts, ...dates, 0, 1.5, Number.NaN, true, null, {}];
  const schema = schemaOf({
    times: { type: new GraphQLList(GraphQLDateTime), resolve: () => values },
    ...Object.fromEntries(
      values.map((value, index) => [
        `time${index}`,
        { type: GraphQLDateTime, resolve: () => value },
      ]),
    ),
  });
  await expectAgreement(schema, `{ times ${values.map((_, index) => `time${index}`).join(" ")} }`);
  const plain = values.map((_, index) => `time${index}`).join(" ");
  const root = Object.fromEntries(values.map((value, index) => [`time${index}`, value]));
  const fields = values.map((_, index) => [`time${index}`, { type: GraphQLDateTime }]);
  await expectAgreement(schemaOf(Object.fromEntries(fields)), `{ ${plain} }`, { rootValue: root });
});
