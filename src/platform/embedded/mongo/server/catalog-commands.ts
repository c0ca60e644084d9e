import { MongoFault, unsupported } from "../fault.ts";
import { compileFilter } from "../query/matcher.ts";
import type { Collection } from "../storage/collection.ts";
import { describeIndex, ID_INDEX, parseIndexSpec, sameIndex } from "../storage/index-spec.ts";
import { equal } from "../values/compare.ts";
import { isDoc, type Doc, type Value } from "../values/value.ts";
import type { Command, Context, Request } from "./request.ts";

const create: Command = (request, context) => {
  request.allow();
  context.store.ensure(request.namespace);
  return {};
};

const drop: Command = (request, context) => {
  request.allow();
  const collection = context.store.collection(request.namespace);
  if (!collection) return {};
  const nIndexesWas = collection.indexSpecs().length;
  context.store.drop(request.namespace);
  return { nIndexesWas, ns: request.namespace };
};

const dropDatabase: Command = (request, context) => {
  request.allow();
  for (const name of context.store.namesIn(request.database)) {
    context.store.drop(`${request.database}.${name}`);
  }
  return { dropped: request.database };
};

const listCollections: Command = (request, context) => {
  request.allow("filter", "nameOnly", "cursor", "authorizedCollections");
  const matches = compileFilter(request.doc("filter"));
  const nameOnly = request.flag("nameOnly");
  const docs = context.store
    .namesIn(request.database)
    .map((name): Doc => ({
      ...{ name, type: "collection" },
      ...(nameOnly
        ? {}
        : { options: {}, info: { readOnly: false }, idIndex: describeIndex(ID_INDEX) }),
    }))
    .filter(matches);
  return context.cursors.first(`${request.database}.$cmd.listCollections`, docs, Infinity);
};

const listDatabases: Command = (request, context) => {
  request.allow("nameOnly", "filter", "authorizedDatabases");
  if (request.database !== "admin") throw new MongoFault(13, "listDatabases runs on admin only");
  const matches = compileFilter(request.doc("filter"));
  const databases = context.store
    .databases()
    .map((name): Doc => ({ name }))
    .filter(matches);
  return { databases };
};

const createIndexes: Command = (request, context) => {
  const specs = request.allow("indexes", "commitQuorum").docs("indexes").map(parseIndexSpec);
  const { namespace } = request;
  const existed = context.store.collection(namespace) !== undefined;
  const collection = context.store.ensure(namespace);
  const numIndexesBefore = collection.indexSpecs().length;
  for (const spec of specs) {
    if (equal({ ...spec.key }, { ...ID_INDEX.key })) continue;
    const isNew = assertNoConflict(collection, spec);
    if (isNew) context.store.createIndex(namespace, spec);
  }
  const numIndexesAfter = collection.indexSpecs().length;
  return { numIndexesBefore, numIndexesAfter, createdCollectionAutomatically: !existed };
};

/** Whether the index is not there yet; throws when another one stands in its way. */
function assertNoConflict(
  collection: Collection,
  spec: ReturnType<typeof parseIndexSpec>,
): boolean {
  for (const present of collection.indexSpecs()) {
    if (sameIndex(present, spec)) return false;
    if (present.name === spec.name) {
      throw new MongoFault(
        86,
        `An existing index has the same name as the requested index: ${spec.name}`,
      );
    }
    if (equal({ ...present.key }, { ...spec.key }) && sameFilter(present, spec)) {
      throw new MongoFault(
        85,
        `Index already exists with a different name or options: ${present.name}`,
      );
    }
  }
  return true;
}

const sameFilter = (
  a: { partialFilterExpression: Doc | undefined },
  b: { partialFilterExpression: Doc | undefined },
): boolean => equal(a.partialFilterExpression, b.partialFilterExpression);

const listIndexes: Command = (request, context) => {
  request.allow("cursor");
  const collection = existing(request, context);
  const docs = collection.indexSpecs().map(describeIndex);
  return context.cursors.first(request.namespace, docs, Infinity);
};

const dropIndexes: Command = (request, context) => {
  const collection = existing(request.allow("index"), context);
  const nIndexesWas = collection.indexSpecs().length;
  const wanted = request.value("index");
  const names = Array.isArray(wanted) ? wanted : [wanted];
  const specs = names.flatMap((name) => indexesNamed(collection, name));
  for (const spec of specs) context.store.dropIndex(collection, spec);
  return { nIndexesWas };
};

function indexesNamed(collection: Collection, wanted: Value): string[] {
  const others = collection.indexSpecs().filter((spec) => spec.name !== ID_INDEX.name);
  if (wanted === "*") return others.map((spec) => spec.name);
  if (wanted === ID_INDEX.name) throw new MongoFault(72, "cannot drop _id index");
  if (typeof wanted !== "string" && !isDoc(wanted)) throw unsupported("this form of dropIndexes");
  const found = others.filter((spec) =>
    isDoc(wanted) ? equal({ ...spec.key }, wanted) : spec.name === wanted,
  );
  if (found.length === 0) {
    throw new MongoFault(27, `index not found with name [${JSON.stringify(wanted)}]`);
  }
  return found.map((spec) => spec.name);
}

function existing(request: Request, context: Context): Collection {
  const collection = context.store.collection(request.namespace);
  if (collection) return collection;
  throw new MongoFault(26, `ns does not exist: ${request.namespace}`);
}

export const catalogCommands = {
  create,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  createIndexes,
  listIndexes,
  dropIndexes,
} satisfies Record<string, Command>;
