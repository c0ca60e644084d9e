import { ObjectId } from "bson";
import { BSONRegExp } from "bson";
import { MongoFault, unsupported } from "../fault.ts";
import { isOperatorDoc } from "../query/operator-doc.ts";
import { copyOf, isDoc, type Doc, type Value } from "../values/value.ts";
import { readAt, updatePath, writeAt } from "./target.ts";
import type { CompiledUpdate } from "./update.ts";

/** The document that an upsert inserts when nothing matches: the equalities of the filter, then the update. */
export function upsertedDoc(filter: Doc, update: CompiledUpdate): Doc {
  const start: Doc = {};
  for (const [path, value] of equalities(filter)) {
    if (update.isReplacement && path !== "_id") continue;
    const parts = updatePath(path);
    if (readAt(start, parts) !== undefined) {
      throw new MongoFault(54, `cannot infer query fields to set, path '${path}' is matched twice`);
    }
    writeAt(start, parts, copyOf(value));
  }
  const { _id: id, ...fields } = update.apply(start, true);
  return { _id: id === undefined ? new ObjectId() : id, ...fields };
}

function equalities(filter: Doc): [string, Value][] {
  return Object.entries(filter).flatMap(([field, condition]): [string, Value][] => {
    if (field === "$and" && Array.isArray(condition)) {
      return condition.flatMap((part) => (isDoc(part) ? equalities(part) : []));
    }
    if (field === "$or" && Array.isArray(condition) && condition.length === 1) {
      throw unsupported("an upsert with an $or of one");
    }
    if (field.startsWith("$") || condition instanceof BSONRegExp) return [];
    if (!isOperatorDoc(condition)) return [[field, condition]];
    for (const operator of ["$in", "$all"]) {
      const list = condition[operator];
      if (Array.isArray(list) && list.length === 1) {
        throw unsupported(`an upsert with an ${operator} of one`);
      }
    }
    return Object.hasOwn(condition, "$eq") ? [[field, condition["$eq"]]] : [];
  });
}
