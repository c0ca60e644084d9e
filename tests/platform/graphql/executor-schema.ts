import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
  type GraphQLFieldConfigMap,
  type GraphQLOutputType,
} from "graphql";

const required = (type: GraphQLOutputType) => new GraphQLNonNull(type as never);
const listOf = (type: GraphQLOutputType) => new GraphQLList(type);

const Color = new GraphQLEnumType({
  name: "Color",
  values: { RED: { value: "r" }, GREEN: { value: "g" }, NUMBER: { value: 7 } },
});
const Odd = new GraphQLScalarType({
  name: "Odd",
  serialize: (value) => {
    if (value === 13) return null;
    if (value === 4) throw new Error("4 is even.");
    return value instanceof Date ? value : `odd ${String(value)}`;
  },
});

const later = <T>(value: T): Promise<T> => Promise.resolve(value);
const latest = async <T>(value: T): Promise<T> => {
  await Promise.resolve();
  await Promise.resolve();
  return value;
};
const fault = (message: string): never => {
  throw Object.assign(new Error(message), { extensions: { code: "FAULT" } });
};

/** Values of one type in all forms that resolvers give: good, null, late, wrong, thrown, rejected. */
function variants(
  name: string,
  type: GraphQLOutputType,
  good: () => unknown,
): GraphQLFieldConfigMap<unknown, unknown> {
  return {
    [name]: { type, resolve: good },
    [`${name}Late`]: { type, resolve: () => later(good()) },
    [`${name}Latest`]: { type, resolve: () => latest(good()) },
    [`${name}Null`]: { type, resolve: () => null },
    [`${name}LateNull`]: { type, resolve: () => later(undefined) },
    [`${name}Throws`]: { type, resolve: () => fault(`${name} threw`) },
    [`${name}Rejects`]: {
      type,
      resolve: async () => latest(null).then(() => fault(`${name} broke`)),
    },
    [`${name}IsError`]: { type, resolve: () => new Error(`${name} is an error`) },
  };
}

/** Like `variants`, each also as a required field and in lists. */
function everything(name: string, type: GraphQLOutputType, good: () => unknown) {
  return {
    ...variants(name, type, good),
    ...variants(`${name}Required`, required(type), good),
    ...variants(`${name}List`, listOf(type), () => [good(), null, later(good()), good()]),
    ...variants(`${name}Strict`, required(listOf(required(type))), () => [good(), latest(good())]),
    ...variants(`${name}Holes`, listOf(required(type)), () => [good(), later(null), good()]),
    ...variants(`${name}Nested`, listOf(listOf(type)), () => [[good()], null, [null, good()]]),
    [`${name}NoList`]: { type: listOf(type), resolve: () => "not a list" },
    [`${name}Iterable`]: { type: listOf(type), resolve: () => new Set([good(), good()]) },
    [`${name}Broken`]: {
      type: listOf(type),
      resolve: () => [good(), new Error("in a list"), latest(null).then(() => fault("late item"))],
    },
  };
}

const Named = new GraphQLInterfaceType({
  name: "Named",
  fields: { name: { type: GraphQLString } },
  resolveType: (value: any) =>
    value.kind === "late" ? latest("Cat") : value.kind === "none" ? undefined : value.kind,
});
const Tested = new GraphQLInterfaceType({
  name: "Tested",
  fields: { name: { type: GraphQLString } },
});

const properties: GraphQLFieldConfigMap<unknown, unknown> = {
  name: { type: GraphQLString },
  id: { type: required(GraphQLID) },
  count: { type: GraphQLInt },
  countRequired: { type: required(GraphQLInt) },
  ratio: { type: GraphQLFloat },
  isGood: { type: GraphQLBoolean },
  color: { type: Color },
  odd: { type: Odd },
  when: { type: Odd },
  missing: { type: GraphQLString },
  missingRequired: { type: required(GraphQLString) },
  wrongCount: { type: GraphQLInt },
  wrongCountRequired: { type: required(GraphQLInt) },
  wrongColor: { type: Color },
  evenOdd: { type: Odd },
  nullOdd: { type: Odd },
  method: { type: GraphQLString, args: { prefix: { type: GraphQLString, defaultValue: "p" } } },
  getter: { type: GraphQLString },
  promised: { type: GraphQLString },
  words: { type: listOf(required(GraphQLString)) },
  numbers: { type: listOf(GraphQLInt) },
};
const values = {
  name: "a name",
  id: 5,
  count: 3,
  countRequired: 4,
  ratio: 1.5,
  isGood: true,
  color: "g",
  odd: 3,
  when: new Date(0),
  wrongCount: "many",
  wrongCountRequired: 1.25,
  wrongColor: "blue",
  evenOdd: 4,
  nullOdd: 13,
  method({ prefix }: { prefix: string }, _context: unknown, info: { fieldName: string }) {
    return `${prefix} ${this.name} ${info.fieldName}`;
  },
  get getter(): string {
    return fault("getter");
  },
  promised: later("kept"),
  words: ["one", "two"],
  numbers: [1, "x", null, 2 ** 40],
};

const Cat: GraphQLObjectType = new GraphQLObjectType({
  name: "Cat",
  interfaces: [Named],
  fields: () => ({
    ...properties,
    lives: { type: GraphQLInt, resolve: () => 9 },
    friend: { type: Thing },
  }),
});
const Dog: GraphQLObjectType = new GraphQLObjectType({
  name: "Dog",
  interfaces: [Named, Tested],
  isTypeOf: (value: any) => (value.slow ? latest(value.kind === "Dog") : value.kind === "Dog"),
  fields: () => ({ ...properties, barks: { type: GraphQLBoolean, resolve: () => later(true) } }),
});
const Pet = new GraphQLUnionType({
  name: "Pet",
  types: [Cat, Dog],
  resolveType: (v: any) => v.kind,
});

const cat = () => ({ ...values, kind: "Cat" });
const dog = () => ({ ...values, kind: "Dog" });
const Thing: GraphQLObjectType = new GraphQLObjectType({
  name: "Thing",
  fields: () => ({
    ...properties,
    ...everything("text", GraphQLString, () => "text"),
    ...everything("thing", Thing, () => ({ ...values })),
    ...everything("named", Named, cat),
    ...everything("pet", Pet, dog),
    tested: { type: Tested, resolve: () => ({ ...dog(), slow: true }) },
    lateType: { type: Named, resolve: () => ({ ...values, kind: "late" }) },
    noType: { type: Named, resolve: () => ({ ...values, kind: "none" }) },
    wrongType: { type: Named, resolve: () => ({ ...values, kind: "Thing" }) },
    unknownType: { type: Pet, resolve: () => ({ ...values, kind: "Bird" }) },
    notADog: { type: Dog, resolve: cat },
    echo: {
      type: GraphQLString,
      args: {
        text: { type: GraphQLString, defaultValue: "nothing" },
        count: { type: new GraphQLNonNull(GraphQLInt), defaultValue: 1 },
        colors: { type: new GraphQLList(Color) },
      },
      resolve: (_source, args, _context, info) => {
        const { path, parentType, returnType } = info;
        const given = JSON.stringify(args);
        args["count"] = "changed";
        return `${given} ${path.key} ${path.typename} ${parentType.name} ${String(returnType)}`;
      },
    },
  }),
});

/** A schema with a field for each way in which a value can come or fail. */
export const executorSchema = new GraphQLSchema({
  query: Thing,
  mutation: new GraphQLObjectType({
    name: "Mutation",
    fields: { ...variants("done", GraphQLString, () => "done") },
  }),
  types: [Cat, Dog],
});

export const rootValue = values;
