import {
  OperationTypeNode,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type GraphQLSchema,
} from "graphql";

/** Knows which operations ask for public fields alone. */
export class PublicOperations {
  private readonly known = new Map<string, boolean>();

  /**
   * @param fields Names such as `Query.product`.
   * @param textOf The text of a stored operation by its hash.
   */
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly fields: ReadonlySet<string>,
    private readonly textOf: (hash: string) => string | undefined,
  ) {}

  /** Whether everybody gets the same answer to a stored operation; false for unknown ones. */
  isPublic(hash: string): boolean {
    const known = this.known.get(hash);
    if (known !== undefined) return known;
    const text = this.textOf(hash);
    if (text === undefined) return false;
    const judged = this.judge(text);
    this.known.set(hash, judged);
    return judged;
  }

  private judge(text: string): boolean {
    let isPublic = true;
    const types = new TypeInfo(this.schema);
    visit(
      parse(text),
      visitWithTypeInfo(types, {
        OperationDefinition: ({ operation }) => {
          if (operation !== OperationTypeNode.QUERY) isPublic = false;
        },
        Field: ({ name }) => {
          if (name.value === "__typename") return;
          if (!this.fields.has(`${types.getParentType()?.name}.${name.value}`)) isPublic = false;
        },
      }),
    );
    return isPublic;
  }
}
