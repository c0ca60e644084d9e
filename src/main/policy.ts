import {
  getNamedType,
  isInputObjectType,
  isObjectType,
  OperationTypeNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
} from "graphql";
import { getMetadataStorage } from "type-graphql";
import type { Role } from "../platform/graphql/context.ts";

/** Who may call one field, and whose rows it touches. */
export interface Permission {
  /** Such as `Mutation.cancelJob`. */
  readonly field: string;
  /** Null: no check of its own, whoever gets to the object above it may ask. */
  readonly who: readonly Caller[] | null;
  readonly rows: "public" | "by proof" | "own" | "own and public" | "all";
  /** Where it takes an id, such as `input.uploadId`. */
  readonly ids: readonly string[];
}

export type Caller = "STRANGER" | Role;

const CALLERS = ["STRANGER", "CUSTOMER", "MODERATOR", "ADMIN"] as const satisfies Caller[];
/** Fetch anything again by its id: what belongs to nobody as well. */
const OWN_AND_PUBLIC: ReadonlySet<string> = new Set(["Query.node", "Query.nodes"]);

/**
 * Every root field, and every other field that takes an id or has a check of its own, sorted by name. Read from the same
 * metadata that decides at run time; build the schema first.
 */
export function permissionsOf(schema: GraphQLSchema): Permission[] {
  const roots = new Set<string>(
    Object.values(OperationTypeNode).flatMap((kind) => schema.getRootType(kind)?.name ?? []),
  );
  const checks = declaredChecks();
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) && !type.name.startsWith("__"),
  );
  return types
    .flatMap((type) => {
      const fields = isObjectType(type) ? Object.values(type.getFields()) : [];
      return fields.map((field) => ({ path: `${type.name}.${field.name}`, type, field }));
    })
    .map(({ path, type, field }) =>
      permission(path, roots.has(type.name), checks.get(path), idPlacesOf(field)),
    )
    .filter(({ field, who, ids }) => {
      const isRoot = roots.has(field.slice(0, field.indexOf(".")));
      return isRoot || who !== null || ids.length > 0;
    })
    .sort((a, b) => (a.field < b.field ? -1 : 1));
}

/** Where a field takes ids: arguments, and fields of its inputs at any depth. */
export function idPlacesOf(field: GraphQLField<unknown, unknown>): string[] {
  return field.args.flatMap(({ name, type }) => idPlacesIn(type, name, new Set()));
}

function idPlacesIn(type: GraphQLInputType, path: string, above: ReadonlySet<string>): string[] {
  const named = getNamedType(type);
  if (named.name === "ID") return [path];
  if (!isInputObjectType(named) || above.has(named.name)) return [];
  return Object.values(named.getFields()).flatMap((field) =>
    idPlacesIn(field.type, `${path}.${field.name}`, new Set([...above, named.name])),
  );
}

function permission(
  field: string,
  isRoot: boolean,
  roles: readonly Role[] | undefined,
  ids: readonly string[],
): Permission {
  if (!isRoot && roles === undefined) return { field, who: null, rows: "own", ids };
  if (roles === undefined) {
    const rows = field.startsWith("Mutation.") ? "by proof" : "public";
    return { field, who: CALLERS, rows, ids };
  }
  const users = CALLERS.filter((caller) => caller !== "STRANGER");
  if (roles.length === 0) {
    return { field, who: users, rows: OWN_AND_PUBLIC.has(field) ? "own and public" : "own", ids };
  }
  return { field, who: users.filter((role) => roles.includes(role)), rows: "all", ids };
}

/** What `@Authorized` says, by type and field; fields without it are missing. */
function declaredChecks(): Map<string, readonly Role[]> {
  const { queries, mutations, subscriptions, fieldResolvers } = getMetadataStorage();
  const declared = [
    ...queries.map((field) => ["Query", field] as const),
    ...mutations.map((field) => ["Mutation", field] as const),
    ...subscriptions.map((field) => ["Subscription", field] as const),
    ...fieldResolvers.map((field) => [typeName(field.getObjectType?.()), field] as const),
  ];
  return new Map(
    declared.flatMap(([type, { schemaName, roles }]) =>
      roles ? [[`${type}.${schemaName}`, roles as Role[]] as const] : [],
    ),
  );
}

function typeName(target: unknown): string {
  const { objectTypes, interfaceTypes } = getMetadataStorage();
  return [...objectTypes, ...interfaceTypes].find((type) => type.target === target)?.name ?? "?";
}

const HEADER = ["field", "stranger", "customer", "moderator", "admin", "rows", "ids"];

/** The table of all permissions for people to read, as Markdown. */
export function policyTable(schema: GraphQLSchema): string {
  const rows = permissionsOf(schema).map(({ field, who, rows: whose, ids }) => [
    `\`${field}\``,
    ...CALLERS.map((caller) => (who === null ? "" : who.includes(caller) ? "yes" : "no")),
    whose,
    ids.map((place) => `\`${place}\``).join(", "),
  ]);
  const widths = HEADER.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = line(widths.map((width) => "-".repeat(width)));
  return `${INTRODUCTION}\n${[line(HEADER), rule, ...rows.map(line)].join("\n")}\n`;
}

const INTRODUCTION = `# Who may call what

Printed from the code by \`npm run schema\`; \`tests/journeys/policy.test.ts\` walks it over HTTP. A field without yes or no has
no check of its own: whoever gets to the object above it may ask. **own**: only the caller's rows; another user's id gets
the same answer as one that nothing has. **public**: what everybody may see. **by proof**: of whoever gives the right password, code or
token. **all**: everybody's rows.
`;
