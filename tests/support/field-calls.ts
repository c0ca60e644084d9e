import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";
import { idPlacesOf } from "../../src/main/policy.ts";

/** A place of the schema that takes an id, as an operation that tries there the one of its variable `id`. */
export interface IdProbe {
  /** Such as `Query.viewer.skinComparison(a)`. */
  readonly name: string;
  /** Such as `Viewer.skinComparison`. */
  readonly field: string;
  readonly kind: "query" | "mutation" | "subscription";
  readonly operation: string;
}

/** An id that nothing has. */
const NOTHING = '"usr_0000000000000"';

/** A field with a plausible value for everything that it requires, and a selection that tells answers apart. */
export const callOf = (field: GraphQLField<unknown, unknown>): string =>
  `${field.name}${argumentsFor(field, [], NOTHING)}${selectionOf(field)}`;

/** Every place that takes an id and can be reached from a root without another one. */
export function idProbesOf(schema: GraphQLSchema): IdProbe[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return roots.flatMap((root) =>
    root
      ? probesBelow(
          root,
          [root.name],
          new Set([root.name]),
          root.name.toLowerCase() as IdProbe["kind"],
        )
      : [],
  );
}

function probesBelow(
  type: GraphQLObjectType,
  path: readonly string[],
  seen: Set<string>,
  kind: IdProbe["kind"],
): IdProbe[] {
  return Object.values(type.getFields()).flatMap((field) => {
    const own = idPlacesOf(field).map((place): IdProbe => {
      const call = `${field.name}${argumentsFor(field, place.split("."), "$id")}${selectionOf(field)}`;
      const inner = path.slice(1).reduceRight((text, name) => `${name} { ${text} }`, call);
      return {
        name: `${path.join(".")}.${field.name}(${place})`,
        field: `${type.name}.${field.name}`,
        kind,
        operation: `${kind} Probe($id: ID!) { ${inner} }`,
      };
    });
    const below = getNamedType(field.type);
    const walks =
      isObjectType(below) && !seen.has(below.name) && !field.args.some(isRequiredArgument);
    if (!walks || kind !== "query") return own;
    seen.add(below.name);
    return [...own, ...probesBelow(below, [...path, field.name], seen, kind)];
  });
}

function argumentsFor(
  field: GraphQLField<unknown, unknown>,
  [wanted, ...deeper]: readonly string[],
  id: string,
): string {
  const given = field.args
    .filter((argument) => argument.name === wanted || isRequiredArgument(argument))
    .map(({ name, type }) => `${name}: ${literal(name, type, id, name === wanted ? deeper : [])}`);
  return given.length > 0 ? `(${given.join(", ")})` : "";
}

/** Values that get past a check of their form, by the name of the argument or field. */
const BY_NAME: Readonly<Record<string, string>> = {
  country: '"KH"',
  email: '"nobody@example.com"',
  phone: '"+85512999999"',
};
/** Ids of public things, for places where something else is tried. */
const FIXED_IDS: Readonly<Record<string, string>> = {
  templateId: '"emt_happy"',
  hairstyleId: '"hst_0000000000001"',
};
const BY_TYPE: Readonly<Record<string, string>> = {
  Int: "1",
  Float: "1",
  Boolean: "true",
  DateTime: '"2026-01-01T00:00:00Z"',
  LocalDate: '"2000-01-01"',
};

/** A value that fits; each id in it is the one given, a literal or a variable. */
function literal(
  name: string,
  type: GraphQLInputType,
  id: string,
  [wanted, ...deeper]: readonly string[],
): string {
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    return `[${literal(name, nullable.ofType, id, wanted === undefined ? [] : [wanted, ...deeper])}]`;
  }
  if (isEnumType(nullable)) return nullable.getValues()[0]!.name;
  if (!isInputObjectType(nullable)) {
    const byType = BY_TYPE[nullable.name];
    if (nullable.name === "ID") return id;
    return byType ?? (nullable.name === "String" ? BY_NAME[name] : undefined) ?? NOTHING;
  }
  const fields = Object.values(nullable.getFields()).filter(
    (field) => field.name === wanted || isRequiredInputField(field),
  );
  const given = fields.map(
    (field) =>
      `${field.name}: ${(field.name === wanted ? undefined : FIXED_IDS[field.name]) ?? literal(field.name, field.type, id, field.name === wanted ? deeper : [])}`,
  );
  return `{ ${given.join(", ")} }`;
}

/** Enough of the answer to tell one from another. */
function selectionOf(field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type);
  if (isLeafType(type)) return "";
  const hasProblems = isObjectType(type) && "problems" in type.getFields();
  return hasProblems ? " { __typename problems { code message path } }" : " { __typename }";
}
