import { MongoFault } from "../fault.ts";
import { encode, MAX_DOCUMENT_BYTES } from "../codec.ts";
import type { Source } from "../pipeline/pipeline.ts";
import { assertPlainFields } from "../update/update.ts";
import { BSONRegExp } from "bson";
import type { Doc, Value } from "../values/value.ts";
import { Collection } from "./collection.ts";
import { describeIndex, ID_INDEX, parseIndexSpec, type IndexSpec } from "./index-spec.ts";
import { Journal, type JournalEvents } from "./journal.ts";
import type { Change } from "./log-record.ts";

/** All collections, in memory and on disk. Every change is written to the log before it is made. */
export class Store {
  private readonly collections = new Map<string, Collection>();
  private journal: Journal | undefined;

  /** Reads the folder. Only one store at a time may be open on it. */
  static async open(
    folder: string,
    events: Pick<JournalEvents, "reading" | "tornTail" | "trouble">,
  ): Promise<Store> {
    const store = new Store();
    store.journal = await Journal.open(folder, {
      ...events,
      replay: (change) => store.apply(change),
      contents: () => store.contents(),
    });
    return store;
  }

  collection(namespace: string): Collection | undefined {
    return this.collections.get(namespace);
  }

  /** The collection, made when it is not there yet. */
  ensure(namespace: string): Collection {
    const present = this.collections.get(namespace);
    if (present) return present;
    this.commit({ do: "make", in: namespace });
    return this.collections.get(namespace) as Collection;
  }

  /** Names of the collections of a database, without its own name. */
  namesIn(database: string): string[] {
    const prefix = `${database}.`;
    return [...this.collections.keys()]
      .filter((namespace) => namespace.startsWith(prefix))
      .map((namespace) => namespace.slice(prefix.length));
  }

  databases(): string[] {
    const names = [...this.collections.keys()].map((name) => name.slice(0, name.indexOf(".")));
    return [...new Set(names)].sort();
  }

  allCollections(): Collection[] {
    return [...this.collections.values()];
  }

  sourceOf(database: string): Source {
    return (name) => this.collection(`${database}.${name}`)?.all() ?? [];
  }

  insert(namespace: string, doc: Doc): void {
    assertStorable(doc);
    const collection = this.ensure(namespace);
    collection.assertPossible(doc, true);
    this.commit({ do: "put", in: namespace, doc });
  }

  replace(collection: Collection, doc: Doc): void {
    assertStorable(doc);
    collection.assertPossible(doc, false);
    this.commit({ do: "put", in: collection.namespace, doc });
  }

  remove(collection: Collection, id: Value): void {
    this.commit({ do: "remove", in: collection.namespace, id });
  }

  createIndex(namespace: string, spec: IndexSpec): void {
    this.ensure(namespace).buildIndex(spec);
    this.commit({ do: "index", in: namespace, spec: describeIndex(spec) });
  }

  dropIndex(collection: Collection, name: string): void {
    this.commit({ do: "unindex", in: collection.namespace, name });
  }

  drop(namespace: string): void {
    this.commit({ do: "drop", in: namespace });
  }

  /** Waits until everything is on the disk itself. */
  sync(): void {
    this.journal?.sync();
  }

  async close(): Promise<void> {
    await this.journal?.close();
  }

  private commit(change: Change): void {
    if (!this.journal) throw new MongoFault(91, "the store is not open");
    this.journal.append(change);
    this.apply(change);
  }

  private apply(change: Change): void {
    const collection = this.collections.get(change.in) ?? new Collection(change.in);
    switch (change.do) {
      case "drop":
        this.collections.delete(change.in);
        return;
      case "make":
        break;
      case "put":
        collection.put(change.doc);
        break;
      case "remove":
        collection.remove(change.id);
        break;
      case "index":
        collection.addIndex(collection.buildIndex(parseIndexSpec(change.spec)));
        break;
      case "unindex":
        collection.removeIndex(change.name);
        break;
    }
    this.collections.set(change.in, collection);
  }

  /** Takes the state of this moment at once, and turns it into changes as they are asked for. */
  private contents(): Iterable<Change> {
    const frozen = [...this.collections.values()].map((collection) => ({
      namespace: collection.namespace,
      specs: collection.indexSpecs().filter((spec) => spec !== ID_INDEX),
      docs: collection.all(),
    }));
    return changesOf(frozen);
  }
}

interface Frozen {
  readonly namespace: string;
  readonly specs: readonly IndexSpec[];
  readonly docs: readonly Doc[];
}

function* changesOf(collections: readonly Frozen[]): Iterable<Change> {
  for (const { namespace, specs, docs } of collections) {
    yield { do: "make", in: namespace };
    for (const spec of specs) yield { do: "index", in: namespace, spec: describeIndex(spec) };
    for (const doc of docs) yield { do: "put", in: namespace, doc };
  }
}

function assertStorable(doc: Doc): void {
  const id = doc["_id"];
  if (Array.isArray(id) || id instanceof BSONRegExp || id === undefined) {
    throw new MongoFault(53, "The '_id' value cannot be an array, a regex or undefined");
  }
  assertPlainFields(doc);
  if (encode(doc).byteLength > MAX_DOCUMENT_BYTES) {
    throw new MongoFault(10334, "the document is larger than 16 MB");
  }
}
