import { MongoFault } from "../fault.ts";
import { visitPath, splitPath } from "../values/path.ts";
import type { Doc, Value } from "../values/value.ts";
import { keyMaker, type IndexSpec } from "./index-spec.ts";

/** The hash index of a collection: finds by equality of the first field, and keeps unique keys unique. */
export class CollectionIndex {
  private readonly byFirst = new Map<string, Set<string>>();
  private readonly owners = new Map<string, string>();
  private readonly keysOf: ReturnType<typeof keyMaker>;
  private readonly firstPath: string;

  readonly spec: IndexSpec;

  constructor(spec: IndexSpec) {
    this.spec = spec;
    this.keysOf = keyMaker(spec);
    this.firstPath = Object.keys(spec.key)[0] ?? "";
  }

  /** Whether every document with a value in the field is in the index, so that it can answer for it. */
  answersFor(path: string): boolean {
    return path === this.firstPath && !this.spec.partialFilterExpression;
  }

  /** The ids of documents whose first field may equal the value with this key. */
  find(key: string): ReadonlySet<string> {
    return this.byFirst.get(key) ?? NONE;
  }

  /** Throws error 11000 when another document than `id` owns one of the document's keys. */
  assertFree(namespace: string, id: string, doc: Doc): void {
    const { full } = this.keysOf(doc);
    if (!this.spec.unique) return;
    for (const key of full) {
      const owner = this.owners.get(key);
      if (owner !== undefined && owner !== id) throw duplicate(namespace, this.spec, doc);
    }
  }

  add(id: string, doc: Doc): void {
    const { full, first } = this.keysOf(doc);
    for (const key of first) {
      const ids = this.byFirst.get(key);
      if (ids) ids.add(id);
      else this.byFirst.set(key, new Set([id]));
    }
    if (this.spec.unique) for (const key of full) this.owners.set(key, id);
  }

  remove(id: string, doc: Doc): void {
    const { full, first } = this.keysOf(doc);
    for (const key of first) {
      const ids = this.byFirst.get(key);
      ids?.delete(id);
      if (ids?.size === 0) this.byFirst.delete(key);
    }
    if (this.spec.unique) for (const key of full) this.owners.delete(key);
  }
}

const NONE: ReadonlySet<string> = new Set();

function duplicate(namespace: string, spec: IndexSpec, doc: Doc): MongoFault {
  const keyValue: Doc = {};
  for (const path of Object.keys(spec.key)) {
    let found: Value = null;
    visitPath(doc, splitPath(path), (value) => {
      found = value ?? null;
      return true;
    });
    keyValue[path] = found;
  }
  const shown = JSON.stringify(keyValue);
  return new MongoFault(
    11000,
    `E11000 duplicate key error collection: ${namespace} index: ${spec.name} dup key: ${shown}`,
    { keyPattern: { ...spec.key }, keyValue },
  );
}
