import {
  execute,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  Kind,
  OperationTypeNode,
  visit,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";
import { executeFields } from "./fields.ts";
import { planObject, type ObjectPlan } from "./plan.ts";
import { FieldErrors, isPromise, type Run } from "./run.ts";
import { decidingVariables } from "./selection.ts";

/** As many as graphql-js reports. */
const MAX_VARIABLE_ERRORS = 50;
const MAX_DECIDING_VARIABLES = 6;
const MAX_PLANS = 16;

/** What of an operation does not change from one execution to the next. */
interface Compiled {
  readonly operation: OperationDefinitionNode;
  readonly fragments: Record<string, FragmentDefinitionNode>;
  readonly deciding: readonly string[];
  /** One for each set of values of the deciding variables. */
  readonly plans: Map<string, ObjectPlan>;
}

/**
 * Executes valid operations with the answers and errors of graphql-js, but plans each operation once: which fields it has,
 * how their values are completed, which arguments never change. Plans live as long as their document, so whoever keeps
 * documents bounds them. Mutations, whose fields wait for each other, are left to graphql-js.
 */
export class CompiledExecutor {
  private readonly known = new WeakMap<DocumentNode, Map<string, Compiled | null>>();

  constructor(private readonly schema: GraphQLSchema) {}

  /** @param args `fieldResolver` and `typeResolver` are not looked at. */
  execute(args: Omit<ExecutionArgs, "schema">): ExecutionResult | Promise<ExecutionResult> {
    const compiled = this.compiledOf(args.document, args.operationName ?? "");
    if (compiled === null) return execute({ ...args, schema: this.schema });
    const { operation, fragments } = compiled;
    const { errors, coerced } = getVariableValues(
      this.schema,
      operation.variableDefinitions ?? [],
      args.variableValues ?? {},
      { maxErrors: MAX_VARIABLE_ERRORS },
    );
    if (errors) return { errors };
    return start(compiled, {
      schema: this.schema,
      fragments,
      operation,
      variables: coerced,
      rootValue: args.rootValue,
      context: args.contextValue,
      errors: new FieldErrors(),
      asked: new Map(),
    });
  }

  private compiledOf(document: DocumentNode, operationName: string): Compiled | null {
    let operations = this.known.get(document);
    if (!operations) this.known.set(document, (operations = new Map<string, Compiled | null>()));
    let compiled = operations.get(operationName);
    if (compiled === undefined) {
      compiled = compile(document, operationName);
      // Names that a document does not have are not worth remembering.
      if (compiled !== null) operations.set(operationName, compiled);
    }
    return compiled;
  }
}

function compile(document: DocumentNode, operationName: string): Compiled | null {
  const operation = getOperationAST(document, operationName === "" ? null : operationName);
  if (!operation || operation.operation === OperationTypeNode.MUTATION) return null;
  const deciding = decidingVariables(document);
  if (deciding.length > MAX_DECIDING_VARIABLES || namesPrototype(document)) return null;
  const fragments = Object.create(null) as Record<string, FragmentDefinitionNode>;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  }
  return { operation, fragments, deciding, plans: new Map() };
}

/** The only name that a plain object cannot have as a key. */
function namesPrototype(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Field: ({ alias }) => {
      found ||= alias?.value === "__proto__";
    },
  });
  return found;
}

function start(compiled: Compiled, run: Run): ExecutionResult | Promise<ExecutionResult> {
  const { errors } = run;
  const failed = (error: unknown): ExecutionResult => {
    errors.add(error as GraphQLError, undefined);
    return { errors: errors.all, data: null };
  };
  const done = (data: Record<string, unknown>): ExecutionResult =>
    errors.all.length === 0 ? { data } : { errors: errors.all, data };
  try {
    const data = executeFields(run, planOf(compiled, run), run.rootValue, undefined);
    return isPromise(data) ? data.then(done, failed) : done(data);
  } catch (error) {
    return failed(error);
  }
}

function planOf({ deciding, plans, operation }: Compiled, run: Run): ObjectPlan {
  const key = deciding.map((name) => String(run.variables[name])).join();
  const known = plans.get(key);
  if (known) return known;
  const type = run.schema.getRootType(operation.operation);
  if (!type) throw new GraphQLError(`There is no ${operation.operation} type.`);
  const scope = { schema: run.schema, fragments: run.fragments, variables: run.variables };
  const plan = planObject(scope, type, [operation.selectionSet]);
  if (plans.size < MAX_PLANS) plans.set(key, plan);
  return plan;
}
