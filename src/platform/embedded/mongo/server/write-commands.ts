import { ObjectId } from "bson";
import { MongoFault, badValue } from "../fault.ts";
import { compileFilter } from "../query/matcher.ts";
import { compileProjection } from "../query/projection.ts";
import { compileSort } from "../query/sort.ts";
import { equal } from "../values/compare.ts";
import { compileUpdate, type CompiledUpdate } from "../update/update.ts";
import { upsertedDoc } from "../update/upsert.ts";
import { isDoc, type Doc, type Value } from "../values/value.ts";
import { matching } from "./read-commands.ts";
import { assertStatement, flagIn, type Command, type Context, type Request } from "./request.ts";

const WRITE_FIELDS = ["ordered", "bypassDocumentValidation", "bypassEmptyTsReplacement"];

interface WriteError extends Record<string, unknown> {
  readonly index: number;
  readonly code: number;
  readonly errmsg: string;
}

/** Runs the statements one by one; an ordered command ends with its first error. */
function runStatements(
  request: Request,
  statements: readonly Doc[],
  run: (statement: Doc, index: number) => void,
): { writeErrors?: WriteError[] } {
  const ordered = flagIn(request.body, "ordered") ?? true;
  const writeErrors: WriteError[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement, index);
    } catch (error) {
      if (!(error instanceof MongoFault)) throw error;
      writeErrors.push({ index, code: error.code, errmsg: error.message, ...error.details });
      if (ordered) break;
    }
  }
  return writeErrors.length > 0 ? { writeErrors } : {};
}

const insert: Command = (request, context) => {
  const documents = request.allow("documents", ...WRITE_FIELDS).docs("documents");
  const namespace = request.namespace;
  let n = 0;
  const errors = runStatements(request, documents, (document) => {
    const { _id: id, ...fields } = document;
    const doc = { _id: Object.hasOwn(document, "_id") ? id : new ObjectId(), ...fields };
    context.store.insert(namespace, doc);
    n += 1;
  });
  return { n, ...errors };
};

const update: Command = (request, context) => {
  const updates = request.allow("updates", ...WRITE_FIELDS).docs("updates");
  const namespace = request.namespace;
  let [n, nModified] = [0, 0];
  const upserted: { index: number; _id: Value }[] = [];
  const errors = runStatements(request, updates, (statement, index) => {
    assertStatement(statement, ["q", "u", "multi", "upsert", "sort", "collation"]);
    const result = runUpdate(context, namespace, statement);
    n += result.matched;
    nModified += result.modified;
    if (result.upsertedId !== undefined) upserted.push({ index, _id: result.upsertedId });
  });
  return { n, nModified, ...(upserted.length > 0 ? { upserted } : {}), ...errors };
};

interface Updated {
  readonly matched: number;
  readonly modified: number;
  readonly upsertedId?: Value;
}

function runUpdate(context: Context, namespace: string, statement: Doc): Updated {
  const filter = objectIn(statement, "q");
  const change = compileUpdate(statement["u"]);
  const multi = flagIn(statement, "multi") ?? false;
  if (multi && change.isReplacement) {
    throw new MongoFault(9, "multi update is not supported for replacement-style update");
  }
  const sort = compileSort(statement["sort"] ?? {});
  const found = sort(matching(context, namespace, filter));
  const targets = multi ? found : found.slice(0, 1);
  if (targets.length === 0 && (flagIn(statement, "upsert") ?? false)) {
    const doc = upsertedDoc(filter, change);
    context.store.insert(namespace, doc);
    return { matched: 1, modified: 0, upsertedId: doc["_id"] };
  }
  let modified = 0;
  for (const doc of targets) {
    if (changeOne(context, namespace, doc, change)) modified += 1;
  }
  return { matched: targets.length, modified };
}

/** False when the update leaves the document as it is. */
function changeOne(
  context: Context,
  namespace: string,
  doc: Doc,
  change: CompiledUpdate,
): Doc | undefined {
  const next = change.apply(doc, false);
  if (equal(next, doc)) return undefined;
  context.store.replace(context.store.ensure(namespace), next);
  return next;
}

const deleteCommand: Command = (request, context) => {
  const deletes = request.allow("deletes", ...WRITE_FIELDS).docs("deletes");
  const namespace = request.namespace;
  let n = 0;
  const errors = runStatements(request, deletes, (statement) => {
    assertStatement(statement, ["q", "limit", "collation"]);
    const { limit } = statement;
    if (limit !== 0 && limit !== 1) throw new MongoFault(9, "delete.limit must be 0 or 1");
    const found = matching(context, namespace, objectIn(statement, "q"));
    for (const doc of limit === 1 ? found.slice(0, 1) : found) {
      context.store.remove(context.store.ensure(namespace), doc["_id"]);
      n += 1;
    }
  });
  return { n, ...errors };
};

const findAndModify: Command = (request, context) => {
  request.allow("query", "sort", "remove", "update", "new", "fields", "upsert", ...WRITE_FIELDS);
  const filter = request.doc("query");
  const remove = request.flag("remove");
  if (remove === (request.value("update") !== undefined)) {
    throw badValue("findAndModify needs either an update or remove=true");
  }
  if (remove && (request.flag("new") || request.flag("upsert"))) {
    throw badValue("findAndModify cannot remove and return the new document or upsert");
  }
  compileFilter(filter);
  const sort = compileSort(request.doc("sort"));
  const [found] = sort(matching(context, request.namespace, filter));
  const fields = request.doc("fields");
  const project =
    Object.keys(fields).length > 0 ? compileProjection(fields, true) : (doc: Doc) => doc;
  if (remove) {
    if (found) context.store.remove(context.store.ensure(request.namespace), found["_id"]);
    return { lastErrorObject: { n: found ? 1 : 0 }, value: found ? project(found) : null };
  }
  return modifyFound(request, context, found, project);
};

function modifyFound(
  request: Request,
  context: Context,
  found: Doc | undefined,
  project: (doc: Doc) => Doc,
): Record<string, unknown> {
  const change = compileUpdate(request.value("update"));
  const wantsNew = request.flag("new");
  if (found) {
    const next = changeOne(context, request.namespace, found, change) ?? found;
    return {
      lastErrorObject: { n: 1, updatedExisting: true },
      value: project(wantsNew ? next : found),
    };
  }
  if (!request.flag("upsert")) {
    return { lastErrorObject: { n: 0, updatedExisting: false }, value: null };
  }
  const doc = upsertedDoc(request.doc("query"), change);
  context.store.insert(request.namespace, doc);
  return {
    lastErrorObject: { n: 1, updatedExisting: false, upserted: doc["_id"] },
    value: wantsNew ? project(doc) : null,
  };
}

function objectIn(statement: Doc, field: string): Doc {
  const value = statement[field];
  if (isDoc(value)) return value;
  throw new MongoFault(14, `${field} must be an object`);
}

export const writeCommands = {
  insert,
  update,
  delete: deleteCommand,
  findAndModify,
  findandmodify: findAndModify,
} satisfies Record<string, Command>;
