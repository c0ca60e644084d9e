import {
  getVariableValues,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type ArgumentNode,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";
import { checkCost, checkShape } from "./limits.ts";

const MAX_COSTS = 32;
const MAX_KEY_LENGTH = 500;
/** Arguments that multiply what a field costs. */
const SIZES: ReadonlySet<string> = new Set(["first", "last", "ids"]);

interface Judged {
  /** Variables whose values change the cost; of the others only counts whether they are there. */
  readonly priced: ReadonlySet<string>;
  readonly costs: Map<string, number>;
}

/** Judges form and cost of operations, each operation's form once, its cost once per size that is asked for. */
export class Admission {
  private readonly judged = new WeakMap<OperationDefinitionNode, Judged>();

  constructor(private readonly schema: GraphQLSchema) {}

  /**
   * The cost of a valid operation in points.
   * @throws QUERY_TOO_COMPLEX above a limit; BAD_USER_INPUT for variables of the wrong type.
   */
  costOf(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Record<string, unknown>,
  ): number {
    const { priced, costs } = this.judge(document, operation);
    const key = this.keyOf(operation, priced, variables);
    const known = key === null ? undefined : costs.get(key);
    if (known !== undefined) return known;
    const cost = checkCost(this.schema, document, operation, variables);
    if (key !== null && costs.size < MAX_COSTS) costs.set(key, cost);
    return cost;
  }

  private judge(document: DocumentNode, operation: OperationDefinitionNode): Judged {
    const known = this.judged.get(operation);
    if (known) return known;
    checkShape(document, operation);
    const judged = { priced: pricedVariables(this.schema, document), costs: new Map() };
    this.judged.set(operation, judged);
    return judged;
  }

  /** Equal for variables of equal cost; null when that cannot be said briefly, or the variables do not fit. */
  private keyOf(
    { variableDefinitions = [] }: OperationDefinitionNode,
    priced: ReadonlySet<string>,
    variables: Record<string, unknown>,
  ): string | null {
    const { coerced } = getVariableValues(this.schema, variableDefinitions, variables, {
      maxErrors: 1,
    });
    if (!coerced) return null;
    const parts = variableDefinitions.map(({ variable: { name } }) => {
      const value = coerced[name.value];
      if (priced.has(name.value)) return JSON.stringify(value) ?? "absent";
      return value === undefined ? "absent" : value === null ? "null" : "given";
    });
    const key = parts.join();
    return key.length > MAX_KEY_LENGTH ? null : key;
  }
}

/** Variables in sizes, in @skip and @include, and in arguments of fields that reckon their cost themselves. */
function pricedVariables(schema: GraphQLSchema, document: DocumentNode): Set<string> {
  const names = new Set<string>();
  const add = (node: ArgumentNode): void =>
    void visit(node, {
      Variable: ({ name }) => void names.add(name.value),
    });
  const types = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      Field: ({ arguments: given = [] }) => {
        const reckons = typeof types.getFieldDef()?.extensions["complexity"] === "function";
        for (const argument of given) {
          if (reckons || SIZES.has(argument.name.value)) add(argument);
        }
      },
      Directive: ({ arguments: given = [] }) => {
        for (const argument of given) add(argument);
      },
    }),
  );
  return names;
}
