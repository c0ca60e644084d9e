import {
  getNamedType,
  isCompositeType,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import {
  fieldExtensionsEstimator,
  getComplexity,
  type ComplexityEstimator,
  // Its ESM build brings a second copy of graphql-js, which refuses our schema.
} from "graphql-query-complexity/cjs";
import { badUserInput, PublicError } from "./errors.ts";

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
const DEFAULT_PAGE = 20;
const SCALAR_COST = 0.1;

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
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments.set(definition.name.value, definition);
    }
  }
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

/** Connections and lists by ids multiply what they hold; a scalar is nearly free. */
const structureEstimator: ComplexityEstimator = ({ field, args, childComplexity }) => {
  const type = getNamedType(field.type);
  if (!isCompositeType(type)) return SCALAR_COST;
  const given = args as { first?: unknown; last?: unknown; ids?: unknown };
  if (type.name.endsWith("Connection")) {
    const size = given.first ?? given.last ?? DEFAULT_PAGE;
    return 1 + Math.max(1, typeof size === "number" ? size : DEFAULT_PAGE) * childComplexity;
  }
  if (Array.isArray(given.ids)) return 1 + given.ids.length * childComplexity;
  return 1 + childComplexity;
};

/**
 * Points that an operation costs: about one per object, multiplied by page sizes.
 * @throws QUERY_TOO_COMPLEX above the limit; BAD_USER_INPUT for variables of the wrong type.
 */
export function checkCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Record<string, unknown>,
): number {
  let cost: number;
  try {
    cost = Math.ceil(
      getComplexity({
        schema,
        query: document,
        variables,
        ...(operationName == null ? {} : { operationName }),
        estimators: [fieldExtensionsEstimator(), structureEstimator],
      }),
    );
  } catch (error) {
    throw badUserInput(error instanceof Error ? error.message : "The variables do not fit.", []);
  }
  if (cost > OPERATION_LIMITS.cost) {
    throw new PublicError("QUERY_TOO_COMPLEX", "The operation costs too much. Ask for less.", {
      kind: "cost",
      cost,
      limit: OPERATION_LIMITS.cost,
    });
  }
  return cost;
}
