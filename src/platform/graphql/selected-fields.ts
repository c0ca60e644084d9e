import {
  getDirectiveValues,
  getNamedType,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";

/** Every group of columns that there is. */
export const ALL_COLUMNS = 0xffff;

/** The groups of columns that a field needs: bits, or how to tell them from the field as it was written. */
export type Needs = number | ((field: FieldNode) => number);

/** Where a walk through a selection stands. */
interface Walk {
  readonly info: GraphQLResolveInfo;
  readonly spread: Set<string>;
  bits: number;
}

/**
 * Tells from an operation which groups of columns the rows of a type have to be read with. It looks at what is selected of
 * the objects that a field answers with, also inside of connections and interfaces, but not beyond them: what hangs on
 * them is read by resolvers of its own. Two fields of one answer count together.
 */
export class ColumnChoice {
  private readonly known = new WeakMap<readonly FieldNode[], number>();

  /**
   * @param type Of the rows, such as `Product`.
   * @param needs By type and field, such as `Product.description`; other fields need no group. Types other than the rows'
   * own are those whose fields are answered from the same row.
   */
  constructor(
    private readonly type: string,
    private readonly needs: Readonly<Record<string, Needs>>,
  ) {
    this.parts = new Set(Object.keys(needs).map((name) => name.split(".")[0] ?? ""));
  }
  private readonly parts: ReadonlySet<string>;

  /** The bits that what a field answers with needs; 0 for none, all without `info`. */
  of(info: GraphQLResolveInfo | undefined): number {
    if (info === undefined) return ALL_COLUMNS;
    // Executors make these nodes anew for other values of the variables in @skip and @include.
    const known = this.known.get(info.fieldNodes);
    if (known !== undefined) return known;
    const walk: Walk = { info, spread: new Set(), bits: 0 };
    for (const { selectionSet } of info.fieldNodes) {
      this.walkSet(walk, getNamedType(info.returnType), selectionSet);
    }
    this.known.set(info.fieldNodes, walk.bits);
    return walk.bits;
  }

  private walkSet(walk: Walk, type: GraphQLNamedType, set: SelectionSetNode | undefined): void {
    for (const selection of set?.selections ?? []) {
      if (!isIncluded(selection, walk.info)) continue;
      if (selection.kind === Kind.FIELD) this.walkField(walk, type, selection);
      else this.walkFragment(walk, type, selection);
    }
  }

  private walkFragment(
    walk: Walk,
    type: GraphQLNamedType,
    selection: Exclude<SelectionNode, FieldNode>,
  ): void {
    let fragment;
    if (selection.kind === Kind.INLINE_FRAGMENT) fragment = selection;
    else {
      if (walk.spread.has(selection.name.value)) return;
      walk.spread.add(selection.name.value);
      fragment = walk.info.fragments[selection.name.value];
    }
    const condition = fragment?.typeCondition?.name.value;
    const of = condition === undefined ? type : walk.info.schema.getType(condition);
    if (of) this.walkSet(walk, of, fragment?.selectionSet);
  }

  private walkField(walk: Walk, type: GraphQLNamedType, field: FieldNode): void {
    const definition = definitionOf(type, field);
    if (!definition) return;
    // What is asked of an interface is asked of the type as well.
    const owner = isInterfaceType(type) ? this.type : type.name;
    const needs = this.needs[`${owner}.${field.name.value}`] ?? 0;
    walk.bits |= typeof needs === "number" ? needs : needs(field);
    const inner = getNamedType(definition.type);
    const isOfRow = owner === this.type || this.parts.has(owner);
    if (!isCompositeType(inner)) return;
    if (isOfRow && (inner.name === this.type || !this.parts.has(inner.name))) return;
    this.walkSet(walk, inner, field.selectionSet);
  }
}

function definitionOf(
  type: GraphQLNamedType,
  { name }: FieldNode,
): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name.value] : undefined;
}

/** Whether @skip and @include leave a selection in. */
export function isIncluded(
  node: SelectionNode,
  { variableValues }: Pick<GraphQLResolveInfo, "variableValues">,
): boolean {
  if (!node.directives || node.directives.length === 0) return true;
  const skip = getDirectiveValues(GraphQLSkipDirective, node, variableValues);
  const include = getDirectiveValues(GraphQLIncludeDirective, node, variableValues);
  return skip?.["if"] !== true && include?.["if"] !== false;
}
