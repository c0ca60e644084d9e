import {
  defaultTypeResolver,
  getNullableType,
  GraphQLError,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  locatedError,
  responsePathAsArray,
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type ResponsePath,
  type SelectionSetNode,
} from "graphql";
import { executeFields } from "./fields.ts";
import { quickly, serialize } from "./leaf.ts";
import type { Complete, FieldPlan, ObjectPlan } from "./plan.ts";
import { completeRows } from "./rows.ts";
import { infoOf, isPromise, type Run } from "./run.ts";
import { checkRuntimeType, wrongType } from "./runtime-type.ts";

/** The field whose values are completed. */
export interface Place {
  readonly parent: GraphQLObjectType;
  readonly name: string;
  readonly nodes: readonly FieldNode[];
  /** Known only after its completion. */
  readonly field: () => FieldPlan;
  /** Plans the selected fields of a type. */
  readonly plan: (type: GraphQLObjectType, sets: readonly SelectionSetNode[]) => ObjectPlan;
}

/** CompleteValue() of the GraphQL specification, §6.4.3, for one type in one place. */
export function completionOf(type: GraphQLOutputType, place: Place): Complete {
  if (isNonNullType(type)) return nonNull(completionOf(type.ofType, place), place);
  if (isListType(type)) return list(type.ofType, place);
  if (isLeafType(type)) return leaf(type);
  return isAbstractType(type) ? abstract(type, place) : object(type, place);
}

function nonNull(complete: Complete, { parent, name }: Place): Complete {
  const message = `Cannot return null for non-nullable field ${parent.name}.${name}.`;
  return (run, fieldPath, path, value) => {
    const completed = complete(run, fieldPath, path, value);
    if (completed === null) throw new Error(message);
    return completed;
  };
}

function leaf(type: GraphQLLeafType): Complete {
  const quick = quickly(type);
  return (_run, _fieldPath, _path, value) => {
    if (value == null) return null;
    const found = quick(value);
    if (found !== undefined) return found;
    if (value instanceof Error) throw value;
    return serialize(type, value);
  };
}

function list(itemType: GraphQLOutputType, place: Place): Complete {
  const complete = completionOf(itemType, place);
  const { nodes, parent, name } = place;
  const isRequired = isNonNullType(itemType);
  const fail = (run: Run, path: ResponsePath, raw: unknown): null => {
    const error = locatedError(raw, nodes, responsePathAsArray(path));
    if (isRequired) throw error;
    run.errors.add(error, path);
    return null;
  };
  const item = (run: Run, fieldPath: ResponsePath, path: ResponsePath, value: unknown): unknown => {
    try {
      const completed = isPromise(value)
        ? value.then((resolved) => complete(run, fieldPath, path, resolved))
        : complete(run, fieldPath, path, value);
      if (!isPromise(completed)) return completed;
      return completed.then(undefined, (raw: unknown) => fail(run, path, raw));
    } catch (raw) {
      return fail(run, path, raw);
    }
  };
  const rowsPlan = planOfRows(itemType, place);
  return (run, fieldPath, path, value) => {
    if (value instanceof Error) throw value;
    if (value == null) return null;
    if (rowsPlan !== null && areObjects(value)) {
      const plan = rowsPlan();
      if (plan !== null) return completeRows(run, plan, value, path, fail);
    }
    if (!isIterable(value)) {
      throw new GraphQLError(
        `Expected Iterable, but did not find one for field "${parent.name}.${name}".`,
      );
    }
    const waiting: Promise<unknown>[] = [];
    try {
      const items: unknown[] = [];
      for (const one of value) {
        const itemPath = { prev: path, key: items.length, typename: undefined };
        const completed = item(run, fieldPath, itemPath, one);
        if (isPromise(completed)) waiting.push(completed);
        items.push(completed);
      }
      return waiting.length > 0 ? Promise.all(items) : items;
    } catch (error) {
      // The others may reject as well, and somebody has to listen.
      for (const late of waiting) late.then(undefined, () => undefined);
      throw error;
    }
  };
}

/** The fields of a list's items, when nothing else is needed to know them and some are resolved for many items at once. */
function planOfRows(itemType: GraphQLOutputType, place: Place): (() => ObjectPlan | null) | null {
  const type = getNullableType(itemType);
  if (!isObjectType(type) || type.isTypeOf) return null;
  const planOf = fieldsOf(place);
  return () => {
    try {
      const plan = planOf(type);
      return plan.batched.length > 0 ? plan : null;
    } catch {
      // Conditions that cannot be decided: each item reports that by itself.
      return null;
    }
  };
}

const areObjects = (value: unknown): value is readonly object[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every(
    (item) =>
      typeof item === "object" && item !== null && !isPromise(item) && !(item instanceof Error),
  );

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === "object" &&
  typeof (value as { [Symbol.iterator]?: unknown } | null)?.[Symbol.iterator] === "function";

/** Plans an object's fields when the first one comes. */
function fieldsOf({ plan: planObject, nodes }: Place): (type: GraphQLObjectType) => ObjectPlan {
  const sets = nodes.flatMap(({ selectionSet }): SelectionSetNode[] =>
    selectionSet ? [selectionSet] : [],
  );
  const plans = new Map<GraphQLObjectType, ObjectPlan>();
  return (type) => {
    const known = plans.get(type);
    if (known) return known;
    const plan = planObject(type, sets);
    plans.set(type, plan);
    return plan;
  };
}

function object(type: GraphQLObjectType, place: Place): Complete {
  const planOf = fieldsOf(place);
  return (run, fieldPath, path, value) => {
    if (value instanceof Error) throw value;
    if (value == null) return null;
    return completeObject(run, { type, plan: planOf(type), place }, fieldPath, path, value);
  };
}

function abstract(type: GraphQLAbstractType, place: Place): Complete {
  const planOf = fieldsOf(place);
  const resolveType = type.resolveType ?? defaultTypeResolver;
  return (run, fieldPath, path, value) => {
    if (value instanceof Error) throw value;
    if (value == null) return null;
    const info = infoOf(run, place.field(), fieldPath);
    const proceed = (name: unknown): unknown => {
      const found = checkRuntimeType(name, type, place.nodes, info, value);
      const target = { type: found, plan: planOf(found), place };
      return completeObject(run, target, fieldPath, path, value);
    };
    const name = resolveType(value, run.context, info, type);
    return isPromise(name) ? name.then(proceed) : proceed(name);
  };
}

interface Target {
  readonly type: GraphQLObjectType;
  readonly plan: ObjectPlan;
  readonly place: Place;
}

function completeObject(
  run: Run,
  { type, plan, place }: Target,
  fieldPath: ResponsePath,
  path: ResponsePath,
  value: unknown,
): unknown {
  if (!type.isTypeOf) return executeFields(run, plan, value, path);
  const proceed = (fits: boolean): unknown => {
    if (!fits) throw wrongType(type, value, place.nodes);
    return executeFields(run, plan, value, path);
  };
  const info = infoOf(run, place.field(), fieldPath);
  const fits = type.isTypeOf(value, run.context, info);
  return isPromise(fits) ? fits.then(proceed) : proceed(fits);
}
