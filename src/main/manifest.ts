import { readFileSync } from "node:fs";

const MANIFEST = new URL("../../schema/persisted-query-manifest.json", import.meta.url);

/** The operations that the apps send, in the format of Apollo's tools. */
export interface PersistedQueryManifest {
  readonly format: "apollo-persisted-query-manifest";
  readonly version: 1;
  readonly operations: readonly {
    /** SHA-256 of the body, in hex. */
    readonly id: string;
    readonly name: string;
    readonly type: "query" | "mutation" | "subscription";
    readonly body: string;
  }[];
}

/** The stored operations: their texts by their SHA-256. */
export function loadManifest(): ReadonlyMap<string, string> {
  const manifest = JSON.parse(readFileSync(MANIFEST, "utf8")) as PersistedQueryManifest;
  return new Map(manifest.operations.map(({ id, body }) => [id, body]));
}
