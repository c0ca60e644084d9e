import { MongoFault } from "../fault.ts";
import { distinct } from "../pipeline/group.ts";
import { compilePipeline } from "../pipeline/pipeline.ts";
import { compileFilter } from "../query/matcher.ts";
import { compileProjection } from "../query/projection.ts";
import { compileSort } from "../query/sort.ts";
import { splitPath, visitPath } from "../values/path.ts";
import { isDoc, type Doc, type Value } from "../values/value.ts";
import { long } from "./wire.ts";
import type { Command, Context, Request } from "./request.ts";

/** The documents of a collection that match, in no particular order unless sorted. */
export function matching(context: Context, namespace: string, filter: Doc): Doc[] {
  const matches = compileFilter(filter);
  return (context.store.collection(namespace)?.candidates(filter) ?? []).filter(matches);
}

const find: Command = (request, context) => {
  request
    .allow(
      ...["filter", "sort", "projection", "skip", "limit", "batchSize", "singleBatch"],
      ...["noCursorTimeout", "allowDiskUse", "tailable", "awaitData", "returnKey", "showRecordId"],
      ...["allowPartialResults", "oplogReplay"],
    )
    .refuse("tailable", "awaitData", "returnKey", "showRecordId", "oplogReplay");
  const sort = compileSort(request.doc("sort"));
  const projection = request.doc("projection");
  const project =
    Object.keys(projection).length > 0 ? compileProjection(projection, true) : undefined;
  const skip = request.whole("skip") ?? 0;
  const limit = request.whole("limit") || Infinity;
  const found = sort(matching(context, request.namespace, request.doc("filter")));
  const page = found.slice(skip, skip + limit);
  const docs = project ? page.map(project) : page;
  const single = request.flag("singleBatch");
  return context.cursors.first(request.namespace, docs, request.whole("batchSize"), single);
};

const aggregate: Command = (request, context) => {
  request
    .allow(
      ...["pipeline", "cursor", "explain", "allowDiskUse", "bypassDocumentValidation"],
      ...["bypassEmptyTsReplacement"],
    )
    .refuse("explain");
  if (typeof request.value(request.name) !== "string") {
    throw new MongoFault(238, "an aggregation without a collection is not supported");
  }
  const stages = request.value("pipeline");
  const pipeline = compilePipeline(stages);
  const collection = context.store.collection(request.namespace);
  const docs = collection?.candidates(firstFilter(stages)) ?? [];
  const { batchSize } = request.doc("cursor");
  if (batchSize !== undefined && typeof batchSize !== "number") {
    throw new MongoFault(14, "cursor.batchSize must be a number");
  }
  const result = pipeline(docs, context.store.sourceOf(request.database));
  return context.cursors.first(request.namespace, result, batchSize);
};

/** The filter of a leading $match, which an index may answer. */
function firstFilter(stages: Value): Value {
  const first = Array.isArray(stages) ? stages[0] : undefined;
  return isDoc(first) ? (first["$match"] ?? {}) : {};
}

const count: Command = (request, context) => {
  request.allow("query", "limit", "skip");
  const skip = request.whole("skip") ?? 0;
  const limit = request.whole("limit") || Infinity;
  const found = matching(context, request.namespace, request.doc("query")).length;
  return { n: Math.min(Math.max(0, found - skip), limit) };
};

const distinctCommand: Command = (request, context) => {
  request.allow("key", "query");
  const key = request.value("key");
  if (typeof key !== "string") throw new MongoFault(14, "distinct.key must be a string");
  const parts = splitPath(key);
  const values: Value[] = [];
  for (const doc of matching(context, request.namespace, request.doc("query"))) {
    visitPath(doc, parts, (value) => {
      values.push(...(Array.isArray(value) ? value : [value]));
      return false;
    });
  }
  return { values: distinct(values) };
};

const getMore: Command = (request, context) => {
  request.allow("collection", "batchSize").refuse("term");
  const id = cursorId(request.value("getMore"));
  const collection = request.value("collection");
  if (typeof collection !== "string") throw new MongoFault(14, "collection must be a string");
  const namespace = `${request.database}.${collection}`;
  return context.cursors.next(id, namespace, request.whole("batchSize"));
};

const killCursors: Command = (request, context) => {
  const ids = requestedCursors(request.allow("cursors"));
  const killed = ids.filter((id) => context.cursors.kill(id));
  const notFound = ids.filter((id) => !killed.includes(id));
  return {
    cursorsKilled: killed.map(long),
    cursorsNotFound: notFound.map(long),
    cursorsAlive: [],
    cursorsUnknown: [],
  };
};

function requestedCursors(request: Request): number[] {
  const ids = request.value("cursors");
  if (!Array.isArray(ids)) throw new MongoFault(14, "killCursors.cursors must be an array");
  return ids.map(cursorId);
}

function cursorId(value: Value): number {
  if (typeof value === "number") return value;
  throw new MongoFault(14, "a cursor id must be a 64-bit number");
}

export const readCommands = {
  find,
  aggregate,
  count,
  distinct: distinctCommand,
  getMore,
  killCursors,
} satisfies Record<string, Command>;
