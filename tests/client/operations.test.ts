import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "@jest/globals";
import {
  buildSchema,
  getNamedType,
  Kind,
  OperationTypeNode,
  parse,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
  type OperationDefinitionNode,
} from "graphql";
import possibleTypes from "../../schema/possible-types.json" with { type: "json" };
import { loadManifest } from "../../src/main/manifest.ts";
import { checkCost, checkShape } from "../../src/platform/graphql/limits.ts";

const schema = buildSchema(readFileSync("schema/schema.graphql", "utf8"));
const jobTypes = new Set([...possibleTypes.Job, "Job"]);
const files = globSync("schema/operations/*/*.graphql").sort();
const operations = files.map((file) => {
  const document = parse(readFileSync(file, "utf8"));
  return { file, name: basename(file, ".graphql"), document };
});

test.each(operations)("$file holds one valid operation of its name", ({ name, document }) => {
  const [operation, ...others] = document.definitions as OperationDefinitionNode[];
  expect(others).toEqual([]);
  expect(operation?.kind).toBe(Kind.OPERATION_DEFINITION);
  expect(operation?.name?.value).toBe(name);
  expect(validate(schema, document).map(({ message }) => message)).toEqual([]);
});

test.each(operations)("$file stays within the limits of the server", ({ document }) => {
  const operation = document.definitions[0] as OperationDefinitionNode;
  checkShape(document, operation);
  const variables = Object.fromEntries(
    (operation.variableDefinitions ?? [])
      .filter(({ variable }) => variable.name.value === "first")
      .map(({ variable }) => [variable.name.value, 20]),
  );
  expect(costOf(variables)).toBeLessThan(2_500);

  function costOf(given: Record<string, unknown>): number {
    try {
      return checkCost(schema, document, operation, given);
    } catch (error) {
      // Required variables that this test does not know: their values do not change the cost.
      if (/was not provided/.test(String(error))) return 0;
      throw error;
    }
  }
});

test.each(operations)("$file selects id and version wherever it shows a job", ({ document }) => {
  const info = new TypeInfo(schema);
  const missing: string[] = [];
  visit(
    document,
    visitWithTypeInfo(info, {
      Field: ({ name, selectionSet }) => {
        const type = info.getType();
        if (!selectionSet || !type || !jobTypes.has(getNamedType(type).name)) return;
        const selected = selectionSet.selections.map((selection) =>
          selection.kind === Kind.FIELD ? selection.name.value : "",
        );
        if (!selected.includes("id")) missing.push(`${name.value}.id`);
        // Without its version a cache cannot tell which of two states is the newer one.
        if (selected.includes("status") && !selected.includes("version")) {
          missing.push(`${name.value}.version`);
        }
      },
    }),
  );
  expect(missing).toEqual([]);
});

test("subscriptions can be resumed", () => {
  const resumable = {
    achievementUnlocked: "after",
    chatMessageAdded: "afterSeq",
    chatReplyStreamed: "fromOffset",
    jobChanged: "afterVersion",
    notificationReceived: "after",
    viewerEvents: "after",
    walletChanged: "afterVersion",
  };
  for (const { document } of operations) {
    const operation = document.definitions[0] as OperationDefinitionNode;
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) continue;
    const field = operation.selectionSet.selections[0];
    if (field?.kind !== Kind.FIELD) throw new Error("A subscription begins with its field.");
    const wanted = resumable[field.name.value as keyof typeof resumable];
    expect(field.arguments?.find(({ name }) => name.value === wanted)?.value.kind).toBe(
      Kind.VARIABLE,
    );
  }
});

test("the manifest holds exactly the stored operations, each under the hash of its text", () => {
  const manifest = loadManifest();
  for (const [id, body] of manifest) {
    expect(createHash("sha256").update(body).digest("hex")).toBe(id);
  }
  const names = [...manifest.values()].map((body) => {
    const operation = parse(body).definitions.find(
      (definition) => definition.kind === Kind.OPERATION_DEFINITION,
    );
    return operation?.name?.value;
  });
  expect(names.sort()).toEqual(operations.map(({ name }) => name).sort());
});
