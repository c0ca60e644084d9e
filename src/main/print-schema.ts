import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  isAbstractType,
  isObjectType,
  lexicographicSortSchema,
  printSchema,
  type GraphQLSchema,
} from "graphql";
import type { PersistedQueryManifest } from "./manifest.ts";
import { policyTable } from "./policy.ts";

const FOLDER = new URL("../../schema/", import.meta.url);
const PAGING = new Set(["first", "after", "last", "before"]);

/**
 * Writes what clients need to know of the schema into `schema/`: the SDL, the types behind interfaces, the connections,
 * who may call what, and the manifest of the stored operations.
 * @returns the names of the files that changed.
 */
export async function printSchemaFiles(schema: GraphQLSchema): Promise<string[]> {
  const changed: string[] = [];
  for (const [name, text] of await schemaFiles(schema)) {
    const path = new URL(name, FOLDER);
    const before = await readFile(path, "utf8").catch(() => null);
    if (before === text) continue;
    await writeFile(path, text);
    changed.push(name);
  }
  return changed;
}

/** The generated files of `schema/` by name, as they should be. */
export async function schemaFiles(schema: GraphQLSchema): Promise<ReadonlyMap<string, string>> {
  const sorted = lexicographicSortSchema(schema);
  return new Map([
    ["schema.graphql", `${printSchema(sorted)}\n`],
    ["possible-types.json", json(possibleTypes(sorted))],
    ["policy.md", policyTable(sorted)],
    ["connections.json", json(connections(sorted))],
    ["persisted-query-manifest.json", json(await persistedQueryManifest())],
  ]);
}

/** Interfaces and unions with their object types, as Apollo's caches want them. */
function possibleTypes(schema: GraphQLSchema): Record<string, string[]> {
  const abstract = Object.values(schema.getTypeMap()).filter((type) => isAbstractType(type));
  return Object.fromEntries(
    abstract
      .filter((type) => !type.name.startsWith("__"))
      .map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]),
  );
}

/** Fields that answer a connection, with the arguments that make it another list. */
function connections(schema: GraphQLSchema): Record<string, Record<string, string[]>> {
  const found: Record<string, Record<string, string[]>> = {};
  for (const type of Object.values(schema.getTypeMap()).filter((each) => isObjectType(each))) {
    for (const field of Object.values(type.getFields())) {
      if (!/Connection!?$/.test(String(field.type))) continue;
      const keyArgs = field.args.map(({ name }) => name).filter((name) => !PAGING.has(name));
      (found[type.name] ??= {})[field.name] = keyArgs;
    }
  }
  return found;
}

/** The stored operations in the very text that Apollo Client sends. */
async function persistedQueryManifest(): Promise<PersistedQueryManifest> {
  // A tool of development: production never prints.
  const { generatePersistedQueryManifest } =
    await import("@apollo/generate-persisted-query-manifest");
  const documents = `${fileURLToPath(FOLDER)}operations/**/*.graphql`;
  const manifest = await generatePersistedQueryManifest({ documents }, undefined);
  return manifest;
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
