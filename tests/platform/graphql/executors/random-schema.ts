import {
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
  specifiedScalarTypes,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
  type GraphQLFieldResolver,
  type GraphQLNamedOutputType,
  type GraphQLOutputType,
  type GraphQLTypeResolver,
  type ResponsePath,
} from "graphql";
import { BATCH, type BatchResolver } from "../../../../src/platform/graphql/executor/plan.ts";
import { Draw, Values } from "./random-values.ts";

/** What the resolvers of one execution have been asked. */
export interface Calls {
  readonly calls: string[];
}
type Fields = GraphQLFieldConfigMap<unknown, Calls>;

const FIELDS = 40;
const OBJECTS = ["Ant", "Bee", "Cat", "Dog", "Eel", "Fox"];

/** A schema by chance, the same one for the same seed, whose resolvers give each place the same value in each execution. */
export function randomSchema(seed: number, faults: number): GraphQLSchema {
  const draw = new Draw(`schema ${seed}`);
  const values = new Values(() => schema, faults);
  const Color = new GraphQLEnumType({
    name: "Color",
    values: { RED: { value: "r" }, GREEN: { value: "g" }, NUMBER: { value: 7 }, ITSELF: {} },
  });
  const Odd = oddScalar();
  const args = argumentsOf(Color, Odd);
  const byName = new Map<string, GraphQLNamedOutputType>(
    [...specifiedScalarTypes, Color, Odd].map((type) => [type.name, type]),
  );
  const leaves = [...byName.keys()];
  const composites = [...OBJECTS, "Named", "Aged", "Pet", "Thing"];

  /** One meaning for each name, so that fields of one name always merge. */
  const pool: Fields = {};
  const isLeaf = new Map<string, boolean>();
  const wrappings = new Map<string, string>();
  for (let index = 0; index < FIELDS; index += 1) {
    const name = `f${index}`;
    isLeaf.set(name, draw.often(55));
    wrappings.set(name, draw.one(["", "", "!", "[]", "[]!", "[!]!", "[[]]", "[[!]!]", "![]"]));
  }
  const fieldOf = (name: string): GraphQLFieldConfig<unknown, Calls> => {
    const of = new Draw(`${seed} ${name}`);
    const named = byName.get(of.one(isLeaf.get(name) ? leaves : composites))!;
    const type = wrapped(named, wrappings.get(name)!);
    const hasResolver = isLeaf.get(name) !== true || of.often(50);
    const given = of.often(40) ? args : {};
    if (hasResolver && of.often(30)) return { type, args: given, ...batched(type, name, values) };
    return {
      type,
      args: given,
      ...(hasResolver
        ? {
            resolve: (_source, asked, { calls }, info) => {
              const place = `${seed} ${pathOf(info.path)} ${JSON.stringify(asked)}`;
              calls.push(place);
              asked["mine"] = "changed by whoever was called";
              return values.give(type, place);
            },
          }
        : {}),
    };
  };
  const fieldsOf = (type: string, all: readonly string[]) => () => {
    const of = new Draw(`fields of ${seed} ${type}`);
    const own = [...isLeaf.keys()].filter(() => of.often(25));
    return Object.fromEntries(
      [...new Set([...all, ...own])].map((name) => [name, (pool[name] ??= fieldOf(name))]),
    );
  };
  addComposites({ seed, byName, fieldsOf });
  const root = (name: string) =>
    new GraphQLObjectType({ name, fields: fieldsOf(name, ["f0", "f1", "f2", "f3", "f4"]) });
  const schema = new GraphQLSchema({
    query: root("Query"),
    mutation: root("Mutation"),
    subscription: root("Subscription"),
    types: OBJECTS.map((name) => byName.get(name)!),
  });
  return schema;
}

/** A field that is resolved for many objects at once; its values go by the objects, because there is no one place. */
function batched(type: GraphQLOutputType, name: string, values: Values) {
  const batch: BatchResolver = (sources, args) => {
    const asked = `${name} ${JSON.stringify(args)}`;
    if (new Draw(asked).often(5)) throw new Error("All of them are broken.");
    const all = sources.map((source) =>
      values.plain(type, `${String((source as { at?: unknown } | null)?.at)} ${asked}`),
    );
    return new Draw(`${asked} form`).often(50) ? all : Promise.resolve(all);
  };
  const resolve: GraphQLFieldResolver<unknown, Calls> = async (source, args, context, info) =>
    (await batch([source], args, context, info))[0];
  return { resolve, extensions: { [BATCH]: batch } };
}

/** What an execution starts from. */
export const rootOf = (schema: GraphQLSchema, seed: number): unknown =>
  new Values(() => schema, 0).object(schema.getQueryType()!, `root ${seed}`);

interface Composites {
  readonly seed: number;
  readonly byName: Map<string, GraphQLNamedOutputType>;
  readonly fieldsOf: (type: string, all: readonly string[]) => () => Fields;
}

function addComposites({ seed, byName, fieldsOf }: Composites): void {
  const named = ["f5", "f6", "f7"];
  const aged = [...named, "f8", "f9"];
  const Named = new GraphQLInterfaceType({
    name: "Named",
    fields: () => pick(fieldsOf("Named", named)(), named),
    resolveType,
  });
  const Aged = new GraphQLInterfaceType({
    name: "Aged",
    interfaces: [Named],
    // Without a way of telling types of its own: those that it may be are asked.
    fields: () => pick(fieldsOf("Aged", aged)(), aged),
  });
  byName.set("Named", Named).set("Aged", Aged);
  for (const [index, name] of OBJECTS.entries()) {
    const interfaces = [[], [Named], [Named, Aged]][index % 3]!;
    const own = interfaces.length === 2 ? aged : interfaces.length === 1 ? named : [];
    byName.set(
      name,
      new GraphQLObjectType({
        name,
        interfaces,
        fields: fieldsOf(name, own),
        ...(index % 3 === 2 ? { isTypeOf: isTypeOf(seed, name) } : {}),
      }),
    );
  }
  const objects = OBJECTS.map((name) => byName.get(name) as GraphQLObjectType);
  byName.set("Pet", new GraphQLUnionType({ name: "Pet", types: objects.slice(1, 5), resolveType }));
  byName.set("Thing", new GraphQLUnionType({ name: "Thing", types: [objects[2]!, objects[5]!] }));
}

const pick = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(names.map((name) => [name, fields[name]!]));

const resolveType: GraphQLTypeResolver<any, Calls> = (value) => {
  const kind: unknown = value?.kind;
  if (kind === "late") return Promise.resolve("Bee");
  if (kind === "rejected") return Promise.reject(new Error("nobody knows the type"));
  if (kind === "thrown") throw new Error("the type is not to be known");
  if (kind === "object") return { name: "Bee" } as never;
  return new Draw(String(kind)).often(30) ? Promise.resolve(kind as string) : (kind as string);
};

const isTypeOf = (seed: number, name: string) => (value: any) => {
  const fits = value?.kind === name;
  switch (new Draw(`${seed} ${name} is`).below(3)) {
    case 0:
      return Promise.resolve(fits);
    case 1:
      if (value?.kind === "thrown") throw new Error("it cannot be told");
      return fits;
    default:
      return fits;
  }
};

const pathOf = (path: ResponsePath): string =>
  path.prev ? `${pathOf(path.prev)}.${path.key}` : String(path.key);

/** Such as `[!]!`: what stands around the name. */
function wrapped(type: GraphQLOutputType, wrapping: string): GraphQLOutputType {
  const required = (of: GraphQLOutputType) => new GraphQLNonNull(of as never);
  if (wrapping === "") return type;
  if (wrapping === "![]") return new GraphQLList(required(type));
  if (wrapping.endsWith("!")) return required(wrapped(type, wrapping.slice(0, -1)));
  return new GraphQLList(wrapped(type, wrapping.slice(1, -1)));
}

/** Refuses 4, loses 13, and cannot read "bad". */
function oddScalar(): GraphQLScalarType {
  const parse = (value: unknown) => {
    if (value === "bad") throw new Error("That is bad.");
    return value === "worse" ? undefined : { odd: value };
  };
  return new GraphQLScalarType({
    name: "Odd",
    serialize: (value) => {
      if (value === 13) return null;
      if (value === 4) throw new Error("4 is even.");
      return typeof value === "number" || typeof value === "bigint" ? `odd ${value}` : value;
    },
    parseValue: parse,
  });
}

function argumentsOf(
  Color: GraphQLEnumType,
  Odd: GraphQLScalarType,
): GraphQLFieldConfigArgumentMap {
  const Wish: GraphQLInputObjectType = new GraphQLInputObjectType({
    name: "Wish",
    fields: () => ({
      text: { type: GraphQLString, defaultValue: "by default" },
      count: { type: new GraphQLNonNull(GraphQLInt) },
      colors: { type: new GraphQLList(new GraphQLNonNull(Color)), defaultValue: ["r"] },
      inner: { type: Wish },
      odd: { type: Odd },
    }),
  });
  return {
    text: { type: GraphQLString, defaultValue: "nothing" },
    count: { type: new GraphQLNonNull(GraphQLInt), defaultValue: 1 },
    colors: { type: new GraphQLList(Color), defaultValue: ["g", 7] },
    wish: { type: Wish },
    wishes: { type: new GraphQLList(new GraphQLNonNull(Wish)) },
    odd: { type: Odd },
  };
}
