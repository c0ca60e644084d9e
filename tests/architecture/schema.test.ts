import { describe, expect, test } from "@jest/globals";
import {
  execute,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isSpecifiedScalarType,
  OperationTypeNode,
  parse,
  printSchema,
  subscribe,
  validate,
  type ExecutionResult,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLType,
} from "graphql";
import { schemaFiles } from "../../src/main/print-schema.ts";
import { buildSchemaOffline } from "../../src/main/schema-offline.ts";
import type { Context } from "../../src/platform/graphql/context.ts";
import { textOf } from "./source.ts";

/** Root fields that answer strangers: what a shop window shows, and how one gets in. */
const openToAll = [
  "Mutation.finishGoogleSignIn",
  "Mutation.forgotPassword",
  "Mutation.googleAuthUrl",
  "Mutation.loginWithDevice",
  "Mutation.loginWithGoogle",
  "Mutation.loginWithPassword",
  "Mutation.refreshSession",
  "Mutation.registerWithEmail",
  "Mutation.requestOtp",
  "Mutation.resendVerificationEmail",
  "Mutation.resetPassword",
  "Mutation.signUpWithPhone",
  "Mutation.verifyEmail",
  "Mutation.verifyOtp",
  "Query.appConfig",
  "Query.categories",
  "Query.category",
  "Query.emojiTemplates",
  "Query.hairstyle",
  "Query.hairstyles",
  "Query.product",
  "Query.products",
  "Query.searchSuggestions",
  "Query.skinConcerns",
];

/** Lists that may hold a null: one entry per id that was asked for. */
const listsOfMaybes = ["Query.nodes"];

/** Lists that are null instead of empty: not asked for, or behind something that can fail by itself. */
const listsThatCanMiss = [
  "AcneSeverityPoint.findings",
  "SkinAnalysisResult.acne",
  "SkinAnalysisResult.recommendedProducts",
  "SkinAnalysisResult.webFinds",
  "Viewer.acneSeverity",
];

/** Ids of things that are gone, so that a client can forget them; and what Relay echoes. */
const bareIds = [
  "AdminDeleteHairstylePayload.deletedId",
  "ChatroomEvent.chatroomId",
  "DeleteChatroomPayload.deletedId",
  "DeleteEmojiTaskPayload.deletedId",
  "DeleteHairTryOnPayload.deletedId",
  "DeleteReviewPayload.deletedId",
  "DeleteRoutinePlanPayload.deletedId",
  "DeleteSkinAnalysisPayload.deletedId",
  "EndSessionPayload.sessionId",
  "LogoutPayload.clientMutationId",
  "RemoveAddressPayload.removedId",
];

// Nothing stands behind the resolvers: who gets past the door falls into the void, which is no refusal.
const schema = buildSchemaOffline();
const stranger: Context = {
  requestId: "stranger",
  ip: "203.0.113.9",
  userAgent: null,
  signedIn: null,
  refusal: null,
  language: "EN",
  loaders: {} as Context["loaders"],
  streams: {} as Context["streams"],
};

const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);
const composites = types.filter((type) => isObjectType(type) || isInterfaceType(type));
const outputs = composites.flatMap((type) =>
  Object.values(type.getFields()).map((field) => ({ path: `${type.name}.${field.name}`, field })),
);
const inputs = types
  .filter((type) => isInputObjectType(type))
  .flatMap((type) =>
    Object.values(type.getFields()).map((field) => ({ path: `${type.name}.${field.name}`, field })),
  );
const args = outputs.flatMap(({ path, field }) =>
  field.args.map((argument) => ({ path: `${path}(${argument.name})`, field: argument })),
);
const enumValues = types
  .filter((type) => isEnumType(type))
  .flatMap((type) =>
    type.getValues().map((value) => ({ path: `${type.name}.${value.name}`, value })),
  );
const operations = Object.values(OperationTypeNode);
const roots = new Set<unknown>(operations.map((operation) => schema.getRootType(operation)));
const pathsOf = (things: readonly { path: string }[]) => things.map(({ path }) => path);

describe("the files in schema/", () => {
  test("are what the code prints; refresh them with `npm run schema`", async () => {
    for (const [name, text] of await schemaFiles(schema)) {
      const stored = textOf(`schema/${name}`);
      expect({ name, text: stored }).toEqual({ name, text });
    }
  });
});

test("the examples in the README can be run", () => {
  const readme = textOf("README.md");
  const examples = [...readme.matchAll(/```graphql\n([^`]*)```|"query":"([^"]*)"/g)].map(
    ([, block, inline]) => block ?? inline ?? "",
  );
  expect(examples).toHaveLength(4);
  for (const example of examples) expect(validate(schema, parse(example))).toEqual([]);
});

describe("names", () => {
  test("types are PascalCase, fields and arguments camelCase, enum values SCREAMING_SNAKE", () => {
    expect(
      types.map(({ name }) => name).filter((name) => !/^[A-Z][A-Za-z0-9]*$/.test(name)),
    ).toEqual([]);
    const named = [...outputs, ...inputs, ...args];
    expect(pathsOf(named.filter(({ field }) => !/^[a-z][A-Za-z0-9]*$/.test(field.name)))).toEqual(
      [],
    );
    expect(
      pathsOf(enumValues.filter(({ value }) => !/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(value.name))),
    ).toEqual([]);
  });

  test("fields say what they are: no get, no list", () => {
    expect(
      pathsOf(outputs.filter(({ field }) => /^(get|list|fetch)[A-Z]/.test(field.name))),
    ).toEqual([]);
  });

  test("references are objects, not ids", () => {
    const ids = outputs.filter(({ field }) => /.Ids?$/.test(field.name));
    expect(pathsOf(ids).sort()).toEqual(bareIds);
  });

  // Google is also the name of a way to sign in, as people know it from the button.
  test("no vendor is named", () => {
    const vendors =
      /orbo|openai|gpt|gemini|perplexity|dashscope|qwen|replicate|stripe|dodo|revenuecat|brevo|twilio|aliyun|amazon/gi;
    expect(printSchema(schema).match(vendors) ?? []).toEqual([]);
  });
});

test("everything is described", () => {
  const silent = [
    ...types.filter((type) => !type.description && !roots.has(type)).map(({ name }) => name),
    ...pathsOf([...outputs, ...inputs, ...args].filter(({ field }) => !field.description)),
    ...pathsOf(enumValues.filter(({ value }) => !value.description)),
  ];
  expect(silent).toEqual([]);
});

describe("shapes", () => {
  test("each mutation is x(input: XInput!): XPayload! with problems", () => {
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      const name = field.name[0]?.toUpperCase() + field.name.slice(1);
      expect({
        arguments: field.args.map((argument) => `${argument.name}: ${String(argument.type)}`),
        answer: String(field.type),
      }).toEqual({ arguments: [`input: ${name}Input!`], answer: `${name}Payload!` });
      const payload = getNamedType(field.type);
      const problems = isObjectType(payload) ? payload.getFields()["problems"] : undefined;
      expect(`${field.name} ${String(problems?.type)}`).toBe(`${field.name} [Problem!]!`);
    }
  });

  test("lists hold no nulls and are never null, but for those that say why", () => {
    const all = [...outputs, ...inputs, ...args];
    expect(pathsOf(all.filter(({ field }) => holdsMaybes(field.type)))).toEqual(listsOfMaybes);
    const nullable = outputs.filter(({ field }) => isListType(field.type));
    expect(pathsOf(nullable).sort()).toEqual(listsThatCanMiss);
  });

  test("each connection pages by first, after, last and before", () => {
    const paged = outputs.filter(({ field }) =>
      getNamedType(field.type).name.endsWith("Connection"),
    );
    expect(paged.length).toBeGreaterThan(0);
    for (const { path, field } of paged) {
      const paging = ["first", "after", "last", "before"].map(
        (name) => `${name}: ${String(argumentOf(field, name)?.type)}`,
      );
      expect([path, ...paging]).toEqual([
        path,
        "first: Int",
        "after: String",
        "last: Int",
        "before: String",
      ]);
      const connection = getNamedType(field.type);
      const fields = isObjectType(connection) ? Object.keys(connection.getFields()) : [];
      expect(fields).toEqual(expect.arrayContaining(["edges", "nodes", "pageInfo"]));
    }
  });
});

describe("a stranger", () => {
  const rootFields = operations.flatMap((operation) => {
    const type = schema.getRootType(operation);
    return Object.values(type?.getFields() ?? {}).map((field) => ({
      path: `${type?.name}.${field.name}`,
      operation,
      field,
    }));
  });

  test.each(rootFields)("at $path", async ({ path, operation, field }) => {
    const document = parse(
      `${operation} { ${field.name}${argumentsFor(field)} ${selectionOf(field.type)} }`,
    );
    const run = operation === OperationTypeNode.SUBSCRIPTION ? subscribe : execute;
    const result = await run({ schema, document, contextValue: stranger });
    const codes = ((result as ExecutionResult).errors ?? []).map(
      ({ extensions }) => extensions["code"],
    );
    if (openToAll.includes(path)) expect(codes).not.toContain("UNAUTHENTICATED");
    else expect(codes).toEqual(["UNAUTHENTICATED"]);
  });

  test("finds no door in the list that is not in the schema", () => {
    expect(openToAll.filter((path) => !pathsOf(rootFields).includes(path))).toEqual([]);
  });
});

function holdsMaybes(type: GraphQLType): boolean {
  if (isNonNullType(type)) return holdsMaybes(type.ofType);
  return isListType(type) && (!isNonNullType(type.ofType) || holdsMaybes(type.ofType));
}

const argumentOf = (
  field: GraphQLField<unknown, unknown>,
  name: string,
): GraphQLArgument | undefined => field.args.find((argument) => argument.name === name);

function selectionOf(type: GraphQLOutputType): string {
  return "getFields" in getNamedType(type) ? "{ __typename }" : "";
}

/** `(a: …, b: …)` with a plausible value for everything that is required. */
function argumentsFor(field: GraphQLField<unknown, unknown>): string {
  const required = field.args.filter((argument) => isRequiredArgument(argument));
  if (required.length === 0) return "";
  return `(${required.map(({ name, type }) => `${name}: ${valueFor(type)}`).join(", ")})`;
}

function valueFor(type: GraphQLInputType): string {
  if (isNonNullType(type)) return valueFor(type.ofType);
  if (isListType(type)) return `[${valueFor(type.ofType)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? "null";
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter((field) => isRequiredInputField(field));
    return `{ ${fields.map((field) => `${field.name}: ${valueFor(field.type)}`).join(", ")} }`;
  }
  const samples: Record<string, string> = {
    Int: "1",
    Float: "0.5",
    Boolean: "true",
    DateTime: '"2026-01-01T00:00:00Z"',
    LocalDate: '"2026-01-01"',
  };
  return samples[type.name] ?? '"0123456789"';
}
