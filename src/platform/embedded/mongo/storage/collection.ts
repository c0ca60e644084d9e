import { BSONRegExp } from "bson";
import { isOperatorDoc } from "../query/operator-doc.ts";
import { hashKey } from "../values/compare.ts";
import { isDoc, type Doc, type Value } from "../values/value.ts";
import { CollectionIndex } from "./collection-index.ts";
import { ID_INDEX, type IndexSpec } from "./index-spec.ts";

/** The documents of one collection in memory, in the order of their insertion, with their indexes. */
export class Collection {
  private readonly docs = new Map<string, Doc>();
  private readonly indexes = new Map<string, CollectionIndex>();

  readonly namespace: string;

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  get size(): number {
    return this.docs.size;
  }

  all(): Doc[] {
    return [...this.docs.values()];
  }

  get(id: Value): Doc | undefined {
    return this.docs.get(hashKey(id));
  }

  /** Throws error 11000 when the document would break a unique index. Changes nothing. */
  assertPossible(doc: Doc, isNew: boolean): void {
    const id = hashKey(doc["_id"]);
    if (isNew && this.docs.has(id)) {
      const owner = new CollectionIndex(ID_INDEX);
      owner.add("another", doc);
      owner.assertFree(this.namespace, id, doc);
    }
    for (const index of this.indexes.values()) index.assertFree(this.namespace, id, doc);
  }

  put(doc: Doc): void {
    const id = hashKey(doc["_id"]);
    const before = this.docs.get(id);
    for (const index of this.indexes.values()) {
      if (before) index.remove(id, before);
      index.add(id, doc);
    }
    this.docs.set(id, doc);
  }

  remove(id: Value): void {
    const key = hashKey(id);
    const before = this.docs.get(key);
    if (!before) return;
    for (const index of this.indexes.values()) index.remove(key, before);
    this.docs.delete(key);
  }

  /** All indexes, that of _id first. */
  indexSpecs(): IndexSpec[] {
    return [ID_INDEX, ...[...this.indexes.values()].map((index) => index.spec)];
  }

  /** Builds an index without adding it: throws error 11000 when the documents break it. */
  buildIndex(spec: IndexSpec): CollectionIndex {
    const index = new CollectionIndex(spec);
    for (const [id, doc] of this.docs) {
      index.assertFree(this.namespace, id, doc);
      index.add(id, doc);
    }
    return index;
  }

  addIndex(index: CollectionIndex): void {
    this.indexes.set(index.spec.name, index);
  }

  removeIndex(name: string): void {
    this.indexes.delete(name);
  }

  /** Documents that may match the filter: found by an index where an equality allows it, else all. */
  candidates(filter: Value): Doc[] {
    const ids = isDoc(filter) ? this.narrow(filter) : undefined;
    if (!ids) return this.all();
    return [...ids].map((id) => this.docs.get(id)).filter((doc) => doc !== undefined);
  }

  private narrow(filter: Doc): Iterable<string> | undefined {
    for (const [field, condition] of Object.entries(filter)) {
      if (field === "$and" && Array.isArray(condition)) {
        for (const part of condition) {
          const ids = isDoc(part) ? this.narrow(part) : undefined;
          if (ids) return ids;
        }
      }
      const keys = field.startsWith("$") ? undefined : equalityKeys(condition);
      const ids = keys && this.lookUp(field, keys);
      if (ids) return ids;
    }
    return undefined;
  }

  private lookUp(path: string, keys: readonly string[]): Iterable<string> | undefined {
    if (path === "_id") return new Set(keys);
    const index = [...this.indexes.values()].find((candidate) => candidate.answersFor(path));
    if (!index) return undefined;
    return new Set(keys.flatMap((key) => [...index.find(key)]));
  }
}

/**
 * The keys of the values that a condition allows; undefined when it is not a plain equality. Null also
 * means missing, a regex is a pattern, and an array may equal the whole field or one element: not by index.
 */
function equalityKeys(condition: Value): string[] | undefined {
  if (!isOperatorDoc(condition)) return keysOf([condition]);
  if (Object.hasOwn(condition, "$eq")) return keysOf([condition["$eq"]]);
  const list = condition["$in"];
  return Array.isArray(list) ? keysOf(list) : undefined;
}

function keysOf(values: readonly Value[]): string[] | undefined {
  const plain = values.every(
    (value) =>
      value !== null &&
      value !== undefined &&
      !Array.isArray(value) &&
      !(value instanceof BSONRegExp),
  );
  return plain ? values.map(hashKey) : undefined;
}
