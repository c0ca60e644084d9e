import {
  getArgumentValues,
  getNamedType,
  isLeafType,
  isNonNullType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  type FieldNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type ResponsePath,
  type SelectionSetNode,
} from "graphql";
import { completionOf } from "./complete.ts";
import { quickly, type Quick } from "./leaf.ts";
import type { Run } from "./run.ts";
import { collectFields, type SelectionScope } from "./selection.ts";

/** The extension of a field's definition that holds its `BatchResolver`. */
export const BATCH = "batch";

/**
 * Resolves a field for many objects at once: a value, an error or null for each, in their order. What it throws concerns
 * all of them; `info.path` is the field's in the first object.
 */
export type BatchResolver = (
  sources: readonly unknown[],
  args: Record<string, unknown>,
  context: unknown,
  info: GraphQLResolveInfo,
) => readonly unknown[] | Promise<readonly unknown[]>;

/** Turns what a resolver returned into what stands in the answer. */
export type Complete = (
  run: Run,
  fieldPath: ResponsePath,
  path: ResponsePath,
  value: unknown,
) => unknown;

/** A field of an operation, with all that can be known before it runs. */
export interface FieldPlan {
  /** Its place in the answer. */
  readonly key: string;
  readonly name: string;
  readonly nodes: readonly FieldNode[];
  readonly parent: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly nonNull: boolean;
  /** Null when the value is the parent's property of that name. */
  readonly resolve: GraphQLFieldResolver<unknown, unknown> | null;
  /** Resolves the field for many objects at once. */
  readonly batch: BatchResolver | null;
  /** For properties that hold a scalar. */
  readonly quick: Quick | null;
  readonly complete: Complete;
  argumentsOf(run: Run): Record<string, unknown>;
}

/** The selected fields of a type. */
export interface ObjectPlan {
  readonly fields: readonly FieldPlan[];
  /** Those that are resolved object by object, and those that are resolved for many at once. */
  readonly single: readonly FieldPlan[];
  readonly batched: readonly FieldPlan[];
  /** What an answer starts from: objects with all their keys from the beginning are cheaper to fill and to write. */
  readonly blank: Readonly<Record<string, unknown>>;
}

/** Plans the fields of a type; each part is planned when it is first met, because only then its type is known. */
export function planObject(
  scope: SelectionScope,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): ObjectPlan {
  const fields: FieldPlan[] = [];
  for (const [key, nodes] of collectFields(scope, type, sets)) {
    const definition = definitionOf(scope.schema, type, nodes[0]!.name.value);
    if (definition) fields.push(planField(scope, type, key, nodes, definition));
  }
  const blank = JSON.stringify(Object.fromEntries(fields.map(({ key }) => [key, null])));
  const single = fields.filter(({ batch }) => batch === null);
  const batched = fields.filter(({ batch }) => batch !== null);
  return { fields, single, batched, blank: JSON.parse(blank) as Record<string, unknown> };
}

function planField(
  scope: SelectionScope,
  parent: GraphQLObjectType,
  key: string,
  nodes: readonly FieldNode[],
  definition: GraphQLField<unknown, unknown>,
): FieldPlan {
  const { name, type } = definition;
  const inner = isNonNullType(type) ? type.ofType : type;
  const resolve = definition.resolve ?? null;
  const isProperty = resolve === null && definition.args.length === 0;
  const plan: FieldPlan = {
    key,
    name,
    nodes,
    parent,
    definition,
    nonNull: isNonNullType(type),
    resolve,
    batch: (definition.extensions[BATCH] as BatchResolver | undefined) ?? null,
    quick: isProperty && isLeafType(inner) ? quickly(inner) : null,
    complete: completionOf(type, {
      parent,
      name,
      nodes,
      field: () => plan,
      plan: (of, sets) => planObject(scope, of, sets),
    }),
    argumentsOf: argumentsOf(definition, nodes[0]!),
  };
  return plan;
}

/** Arguments without variables, lists and objects are found once; each call still gets an object of its own. */
function argumentsOf(
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
): FieldPlan["argumentsOf"] {
  if (definition.args.length === 0) return () => ({});
  const isFixed =
    (node.arguments ?? []).every(
      ({ value }) => value.kind !== Kind.VARIABLE && isFlat(value.kind),
    ) &&
    definition.args.every(
      ({ type, defaultValue }) =>
        isLeafType(getNamedType(type)) &&
        (typeof defaultValue !== "object" || defaultValue === null),
    );
  if (!isFixed) return (run) => getArgumentValues(definition, node, run.variables);
  let known: Record<string, unknown> | undefined;
  return (run) => ({ ...(known ??= getArgumentValues(definition, node, run.variables)) });
}

const isFlat = (kind: Kind): boolean => kind !== Kind.LIST && kind !== Kind.OBJECT;

function definitionOf(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (type === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return type.getFields()[name];
}
