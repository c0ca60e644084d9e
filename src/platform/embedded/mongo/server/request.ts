import { MongoFault, unsupported } from "../fault.ts";
import type { Store } from "../storage/store.ts";
import { isDoc, type Doc, type Value } from "../values/value.ts";
import type { Cursors } from "./cursors.ts";

/** What a command works with. */
export interface Context {
  readonly store: Store;
  readonly cursors: Cursors;
}

export type Reply = Record<string, unknown>;
export type Command = (request: Request, context: Context) => Reply;

const ANY_COMMAND = [
  ...["lsid", "$db", "$clusterTime", "$readPreference", "comment", "maxTimeMS"],
  ...[
    "readConcern",
    "writeConcern",
    "apiVersion",
    "apiStrict",
    "apiDeprecationErrors",
    "collation",
  ],
];

/** One command with typed access to its fields. A field that is not asked for by name is refused. */
export class Request {
  readonly name: string;
  readonly database: string;
  readonly body: Doc;

  constructor(body: Doc) {
    this.body = body;
    this.name = Object.keys(body)[0] ?? "";
    const { $db: database } = body;
    this.database = typeof database === "string" ? database : "";
  }

  /** Refuses transactions, and every field besides the ones named: ignoring one could change the meaning. */
  allow(...fields: string[]): this {
    for (const field of ["txnNumber", "startTransaction", "autocommit"]) {
      if (Object.hasOwn(this.body, field)) {
        throw new MongoFault(20, "Transaction numbers are only allowed on a replica set member");
      }
    }
    for (const field of Object.keys(this.body)) {
      if (field !== this.name && !fields.includes(field) && !ANY_COMMAND.includes(field)) {
        throw new MongoFault(40415, `the field '${this.name}.${field}' is not supported here`);
      }
    }
    assertSimpleCollation(this.body["collation"]);
    assertReadConcern(this.body["readConcern"]);
    return this;
  }

  /** `database.collection` of a command whose first field names a collection. */
  get namespace(): string {
    return `${this.database}.${this.collection}`;
  }

  get collection(): string {
    const name = this.body[this.name];
    if (typeof name !== "string" || name === "" || /[$\0]/.test(name) || name.startsWith(".")) {
      throw new MongoFault(
        73,
        `Invalid namespace specified '${this.database}.${JSON.stringify(name)}'`,
      );
    }
    return name;
  }

  doc(field: string): Doc {
    const value = this.body[field] ?? {};
    if (!isDoc(value)) throw new MongoFault(14, `${this.name}.${field} must be an object`);
    return value;
  }

  /** An array of documents that must be there. */
  docs(field: string): Doc[] {
    const value = this.body[field];
    if (!Array.isArray(value) || value.length === 0 || !value.every(isDoc)) {
      throw new MongoFault(14, `${this.name}.${field} must be a non-empty array of objects`);
    }
    return value;
  }

  value(field: string): Value {
    return this.body[field];
  }

  flag(field: string): boolean {
    return flagIn(this.body, field) ?? false;
  }

  whole(field: string): number | undefined {
    const value = this.body[field];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
      throw new MongoFault(2, `${this.name}.${field} must be a whole number that is not negative`);
    }
    return value;
  }

  /** Refuses features that are asked for with a value that is not their default. */
  refuse(...fields: string[]): this {
    for (const field of fields) {
      const value = this.body[field];
      if (value !== undefined && value !== false && value !== null) {
        throw unsupported(`${this.name} with ${field}`);
      }
    }
    return this;
  }
}

export function flagIn(doc: Doc, field: string): boolean | undefined {
  const value = doc[field];
  if (value === undefined || typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  throw new MongoFault(14, `${field} must be a boolean`);
}

/** A statement inside a command, such as one of several updates. */
export function assertStatement(statement: Doc, known: readonly string[]): void {
  for (const field of Object.keys(statement)) {
    if (!known.includes(field)) throw unsupported(`the field ${field}`);
  }
  assertSimpleCollation(statement["collation"]);
}

function assertSimpleCollation(collation: Value): void {
  if (collation === undefined || collation === null) return;
  if (isDoc(collation) && collation["locale"] === "simple") return;
  throw unsupported("a collation");
}

function assertReadConcern(concern: Value): void {
  const level = isDoc(concern) ? (concern["level"] ?? "local") : "local";
  if (!["local", "available", "majority"].includes(level as string)) {
    throw unsupported(`the read concern ${JSON.stringify(level)}`);
  }
}
