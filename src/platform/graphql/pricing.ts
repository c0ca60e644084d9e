import {
  getArgumentValues,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isUnionType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  type SelectionSetNode,
} from "graphql";
import type { Complexity } from "type-graphql";
import { isIncluded } from "./selected-fields.ts";

const DEFAULT_PAGE = 20;
const SCALAR_PRICE = 0.1;
/** What a connection has once per item of its page; all else of it exists once. */
const ITEMS: ReadonlySet<string> = new Set(["nodes", "edges"]);
const META_FIELDS = new Map<string, GraphQLField<unknown, unknown>>(
  [SchemaMetaFieldDef, TypeMetaFieldDef, TypeNameMetaFieldDef].map((field) => [field.name, field]),
);

/** What prices depend on besides what is selected. */
export interface PricingScope {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** As coerced. */
  readonly variableValues: Record<string, unknown>;
}

/** An object of the answer whose fields are priced. */
interface Owner {
  readonly type: GraphQLCompositeType;
  /** How many items it has when it is a connection. */
  readonly items: number;
}

/**
 * Points that a selection costs for one object: one per object below, also per row of a page, nearly none per scalar, and
 * what a field with a `complexity` of its own says. Objects that can be of several types cost as the dearest of them.
 * @param set Of a valid operation: names are known, fragments do not hold themselves.
 * @throws GraphQLError when arguments do not fit
 */
export const priceOf = (
  scope: PricingScope,
  set: SelectionSetNode,
  type: GraphQLCompositeType,
): number => priceOfObject(scope, set, { type, items: 1 });

function priceOfObject(scope: PricingScope, set: SelectionSetNode, owner: Owner): number {
  const prices = new Map(typesOf(scope, owner.type).map(({ name }) => [name, 0]));
  addSelections(scope, set, owner, prices);
  return Math.max(0, ...prices.values());
}

/** Adds to the price of each type that an object may have what is selected of that type. */
function addSelections(
  scope: PricingScope,
  set: SelectionSetNode,
  owner: Owner,
  prices: Map<string, number>,
): void {
  for (const selection of set.selections) {
    if (!isIncluded(selection, scope)) continue;
    if (selection.kind === Kind.FIELD) {
      const price = priceOfField(scope, selection, owner);
      for (const { name } of typesOf(scope, owner.type)) {
        const before = prices.get(name);
        if (before !== undefined) prices.set(name, before + price);
      }
      continue;
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection
        : scope.fragments.get(selection.name.value);
    if (!fragment) continue;
    const condition = fragment.typeCondition?.name.value;
    const type = condition === undefined ? owner.type : scope.schema.getType(condition);
    if (!isCompositeType(type)) continue;
    addSelections(scope, fragment.selectionSet, { ...owner, type }, prices);
  }
}

function priceOfField(scope: PricingScope, node: FieldNode, owner: Owner): number {
  const field = META_FIELDS.get(node.name.value) ?? fieldsOf(owner.type)[node.name.value];
  if (!field) return 0;
  const type = getNamedType(field.type);
  const args = getArgumentValues(field, node, scope.variableValues);
  const items = isConnection(type) ? pageSize(args) : 1;
  const childComplexity =
    isCompositeType(type) && node.selectionSet
      ? priceOfObject(scope, node.selectionSet, { type, items })
      : 0;
  const ofItems = isConnection(owner.type) && ITEMS.has(field.name);
  const own = ownPrice(field, { type: owner.type, field, node, args, childComplexity });
  if (own !== null) return ofItems ? owner.items * own : own;
  // The connection has paid for its rows, whether they are selected or not: they are read.
  if (ofItems) return owner.items * childComplexity;
  if (!isCompositeType(type)) return SCALAR_PRICE;
  if (isConnection(type)) return 1 + items + childComplexity;
  const { ids } = args;
  return 1 + (Array.isArray(ids) ? ids.length : 1) * childComplexity;
}

type PricedField = Parameters<Extract<Complexity, (field: never) => unknown>>[0];

/** What a field says that it costs; null when it says nothing, or nothing that makes sense for such arguments. */
function ownPrice(field: GraphQLField<unknown, unknown>, priced: PricedField): number | null {
  const complexity = field.extensions["complexity"] as Complexity | undefined;
  const price = typeof complexity === "function" ? complexity(priced) : complexity;
  return typeof price === "number" && price >= 0 ? price : null;
}

function pageSize({ first, last }: Record<string, unknown>): number {
  const size = first ?? last;
  return typeof size === "number" ? Math.max(1, size) : DEFAULT_PAGE;
}

const isConnection = ({ name }: { readonly name: string }): boolean => name.endsWith("Connection");

const typesOf = ({ schema }: PricingScope, type: GraphQLCompositeType) =>
  isAbstractType(type) ? schema.getPossibleTypes(type) : [type];

const fieldsOf = (type: GraphQLCompositeType): Record<string, GraphQLField<unknown, unknown>> =>
  isUnionType(type) ? {} : type.getFields();
