import {
  getVariableValues,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import { badUserInput, PublicError } from "./errors.ts";
import { priceOf } from "./pricing.ts";

/** What one operation may ask for. */
export const OPERATION_LIMITS = {
  tokens: 2_000,
  depth: 12,
  aliases: 30,
  rootFields: 20,
  /** Selections after fragments are spread out; keeps the cost calculation itself cheap. */
  selections: 3_000,
  cost: 5_000,
} as const;

// The standard introspection query is deeper than any query of an app needs to be.
const INTROSPECTION_DEPTH = 16;

interface Shape {
  depth: number;
  aliases: number;
  fields: number;
}

/**
 * Refuses an operation whose form is too large.
 * @throws QUERY_TOO_COMPLEX naming the limit, what was asked for, and what is allowed.
 */
export function checkShape(document: DocumentNode, operation: OperationDefinitionNode): void {
  const fragments = fragmentsOf(document);
  const shape = measure(operation.selectionSet, fragments, new Map());
  const introspects = operation.selectionSet.selections.every(
    (selection) => selection.kind === Kind.FIELD && selection.name.value.startsWith("__"),
  );
  const roots = measureRoot(operation.selectionSet, fragments, new Set());
  refuseAbove("depth", shape.depth, introspects ? INTROSPECTION_DEPTH : OPERATION_LIMITS.depth);
  refuseAbove("aliases", shape.aliases, OPERATION_LIMITS.aliases);
  refuseAbove("rootFields", roots, OPERATION_LIMITS.rootFields);
  refuseAbove("selections", shape.fields, OPERATION_LIMITS.selections);
}

function fragmentsOf({ definitions }: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments.set(definition.name.value, definition);
    }
  }
  return fragments;
}

function refuseAbove(limit: string, value: number, allowed: number): void {
  if (value <= allowed) return;
  throw new PublicError("QUERY_TOO_COMPLEX", `The operation is too large: ${limit}.`, {
    kind: limit,
    cost: Math.min(value, Number.MAX_SAFE_INTEGER),
    limit: allowed,
  });
}

function measure(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  known: Map<string, Shape | "open">,
): Shape {
  const total: Shape = { depth: 0, aliases: 0, fields: 0 };
  for (const selection of set.selections) {
    const part = { depth: 0, aliases: 0, fields: 0 };
    if (selection.kind === Kind.FIELD) {
      part.aliases = selection.alias ? 1 : 0;
      part.fields = 1;
      part.depth = 1;
      if (selection.selectionSet) add(part, measure(selection.selectionSet, fragments, known), 1);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      add(part, measure(selection.selectionSet, fragments, known), 0);
    } else {
      add(part, measureFragment(selection.name.value, fragments, known), 0);
    }
    total.depth = Math.max(total.depth, part.depth);
    total.aliases += part.aliases;
    total.fields += part.fields;
  }
  return total;
}

function measureFragment(
  name: string,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  known: Map<string, Shape | "open">,
): Shape {
  const earlier = known.get(name);
  const fragment = fragments.get(name);
  // Unknown and cyclic fragments are refused by validation.
  if (earlier === "open" || !fragment) return { depth: 0, aliases: 0, fields: 0 };
  if (earlier) return earlier;
  known.set(name, "open");
  const shape = measure(fragment.selectionSet, fragments, known);
  known.set(name, shape);
  return shape;
}

function add(shape: Shape, inner: Shape, depth: number): void {
  shape.depth = Math.max(shape.depth, inner.depth + depth);
  shape.aliases += inner.aliases;
  shape.fields += inner.fields;
}

function measureRoot(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  seen: Set<string>,
): number {
  let fields = 0;
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) fields += 1;
    else if (selection.kind === Kind.INLINE_FRAGMENT) {
      fields += measureRoot(selection.selectionSet, fragments, seen);
    } else {
      const fragment = fragments.get(selection.name.value);
      if (!fragment || seen.has(fragment.name.value)) continue;
      seen.add(fragment.name.value);
      fields += measureRoot(fragment.selectionSet, fragments, seen);
    }
  }
  return fields;
}

/**
 * Points that a valid operation of admitted form costs: see `priceOf`.
 * @throws QUERY_TOO_COMPLEX above the limit; BAD_USER_INPUT for variables of the wrong type.
 */
export function checkCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
): number {
  const cost = costOf(schema, document, operation, variables);
  if (cost > OPERATION_LIMITS.cost) {
    throw new PublicError("QUERY_TOO_COMPLEX", "The operation costs too much. Ask for less.", {
      kind: "cost",
      cost,
      limit: OPERATION_LIMITS.cost,
    });
  }
  return cost;
}

function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  { operation, variableDefinitions = [], selectionSet }: OperationDefinitionNode,
  variables: Record<string, unknown>,
): number {
  const root = schema.getRootType(operation);
  const { coerced, errors } = getVariableValues(schema, variableDefinitions, variables);
  if (!root || errors) {
    throw badUserInput(errors?.[0]?.message ?? `There is no ${operation}.`, []);
  }
  const scope = { schema, fragments: fragmentsOf(document), variableValues: coerced };
  try {
    return Math.ceil(priceOf(scope, selectionSet, root));
  } catch (error) {
    throw badUserInput(error instanceof Error ? error.message : "The arguments do not fit.", []);
  }
}
