import { expect, test } from "@jest/globals";
import {
  buildSchema,
  execute,
  getNamedType,
  isAbstractType,
  isCompositeType,
  parse,
  specifiedRules,
  validate,
  type ExecutionResult,
  type GraphQLCompositeType,
  type GraphQLSchema,
} from "graphql";
import { seeded } from "../../../src/platform/random/seeded.ts";
import { CompiledExecutor } from "../../../src/platform/graphql/executor/compiled-executor.ts";
import { executorSchema, rootValue } from "./executor-schema.ts";

/** Written by chance, but the same in each run. EXECUTOR_OPERATIONS asks for more. */
const OPERATIONS = Number(process.env["EXECUTOR_OPERATIONS"] ?? 100);

/** Writes valid operations of all forms. */
class Writer {
  private readonly random: () => number;
  private fragments: string[] = [];

  constructor(
    private readonly schema: GraphQLSchema,
    seed: number,
  ) {
    this.random = seeded(seed);
  }

  operation(): string {
    this.fragments = [];
    const body = this.selection(this.schema.getQueryType()!, 3);
    const variables =
      "$yes: Boolean!, $no: Boolean = false, $text: String, $count: Int = 2, $color: Color = RED";
    const used = `u1: echo(text: $text) @include(if: $yes) @skip(if: $no) u2: echo(count: $count, colors: [$color])`;
    return `query Q(${variables}) { ${used} ${body} }\n${this.fragments.join("\n")}`;
  }

  private selection(type: GraphQLCompositeType, depth: number): string {
    const parts = Array.from({ length: 1 + this.pick(6) }, () => this.part(type, depth));
    return ["__typename", ...parts].join(" ");
  }

  private part(type: GraphQLCompositeType, depth: number): string {
    const kind = this.pick(10);
    if (kind < 2) return this.fragment(type, depth, kind === 0);
    return this.field(type, depth);
  }

  private fragment(type: GraphQLCompositeType, depth: number, isInline: boolean): string {
    const possible = isAbstractType(type) ? [...this.schema.getPossibleTypes(type)] : [type];
    const target = this.one<GraphQLCompositeType>([type, ...possible]);
    const body = this.selection(target, depth - 1);
    if (isInline) return `... on ${target.name} ${this.directive()} { ${body} }`;
    const name = `F${this.fragments.length}_${this.pick(1e6)}`;
    this.fragments.push(`fragment ${name} on ${target.name} { ${body} }`);
    return `...${name} ${this.directive()}`;
  }

  private field(type: GraphQLCompositeType, depth: number): string {
    if (!("getFields" in type)) return "__typename";
    const fields = Object.values(type.getFields()).filter(
      (field) => depth > 0 || !isCompositeType(getNamedType(field.type)),
    );
    const field = this.one(fields);
    const named = getNamedType(field.type);
    const inner = isCompositeType(named) ? ` { ${this.selection(named, depth - 1)} }` : "";
    // Fields of one name and other arguments would not merge, so they get keys of their own.
    const alias = this.pick(2) === 0 || field.args.length > 0 ? `a${this.pick(1e9)}: ` : "";
    const key = alias === "" && inner !== "" ? `k${this.pick(1e9)}: ` : alias;
    return `${key}${field.name}${this.arguments(field.name)} ${this.directive()}${inner}`;
  }

  private arguments(name: string): string {
    if (name === "method")
      return this.one(["", '(prefix: "x")', "(prefix: null)", "(prefix: $text)"]);
    if (name !== "echo") return "";
    return this.one([
      "",
      "(count: 4)",
      "(text: $text)",
      "(colors: [RED, $color])",
      '(text: "é\\u2028")',
    ]);
  }

  private directive(): string {
    return this.one([
      "",
      "",
      "",
      "",
      "@skip(if: true)",
      "@skip(if: $no)",
      "@include(if: $yes)",
      "@include(if: $no)",
    ]);
  }

  private pick(below: number): number {
    return Math.floor(this.random() * below);
  }

  private one<T>(of: readonly T[]): T {
    return of[this.pick(of.length)]!;
  }
}

const shown = ({ errors, data }: ExecutionResult): string =>
  JSON.stringify({
    errors: errors?.map((error) => ({ ...error.toJSON(), cause: String(error.originalError) })),
    data,
  });

const VARIABLES = [
  { yes: true, text: "given" },
  { yes: false, no: true, color: "GREEN" },
  { yes: true, no: null, count: null },
  { yes: "wrong", count: 1.5 },
  {},
];

test("answers and errors are those of graphql-js, byte for byte", async () => {
  const executor = new CompiledExecutor(executorSchema);
  let withErrors = 0;
  let withoutData = 0;
  for (let seed = 1; seed <= OPERATIONS; seed += 1) {
    const text = new Writer(executorSchema, seed).operation();
    const document = parse(text);
    expect({ text, faults: validate(executorSchema, document, specifiedRules) }).toEqual({
      text,
      faults: [],
    });
    for (const variableValues of VARIABLES) {
      const args = { document, rootValue, variableValues, contextValue: {} };
      const expected = await execute({ ...args, schema: executorSchema });
      const answer = await executor.execute(args);
      if (shown(answer) !== shown(expected)) {
        expect({ text, variableValues, answer: shown(answer) }).toEqual({
          text,
          variableValues,
          answer: shown(expected),
        });
      }
      if (expected.errors) withErrors += 1;
      if (expected.data === null) withoutData += 1;
    }
  }
  // The operations are worth something only when all endings are among them.
  expect(withErrors).toBeGreaterThan(OPERATIONS);
  expect(withoutData).toBeGreaterThan(OPERATIONS / 10);
});

test("each field in each form, alone", async () => {
  const executor = new CompiledExecutor(executorSchema);
  for (const field of Object.values(executorSchema.getQueryType()!.getFields())) {
    const named = getNamedType(field.type);
    const inner = isCompositeType(named)
      ? "{ name ... on Cat { lives countRequired missingRequired } }"
      : "";
    const document = parse(`{ before: name field: ${field.name} ${inner} after: promised }`);
    const args = { document, rootValue };
    const expected = shown(await execute({ ...args, schema: executorSchema }));
    expect([field.name, shown(await executor.execute(args))]).toEqual([field.name, expected]);
  }
});

test.each([
  ["a mutation", "mutation { a: done b: doneLate c: doneThrows d: doneRequired }"],
  ["introspection", '{ __schema { types { name fields { name } } } __type(name: "Cat") { kind } }'],
  ["a key that objects treat specially", "{ __proto__: name constructor: name toString: count }"],
  ["several operations", "query A { name } query B { count }"],
])("%s", async (_what, text) => {
  const executor = new CompiledExecutor(executorSchema);
  for (const operationName of [null, "A", "B", "C"]) {
    const args = { document: parse(text), rootValue, operationName };
    const expected = await execute({ ...args, schema: executorSchema });
    expect(shown(await executor.execute(args))).toBe(shown(expected));
  }
});

test("a list that fails at once leaves no rejection of its later items behind", async () => {
  const unheard: unknown[] = [];
  const note = (reason: unknown) => void unheard.push(reason);
  process.on("unhandledRejection", note);
  const schema = buildSchema("type Query { words: [String!] }");
  const rootValue = { words: () => [Promise.reject(new Error("late")), null] };
  const answer = await new CompiledExecutor(schema).execute({
    document: parse("{ words }"),
    rootValue,
  });
  await new Promise(setImmediate);
  process.off("unhandledRejection", note);
  expect(unheard).toEqual([]);
  expect(answer.data).toEqual({ words: null });
});
