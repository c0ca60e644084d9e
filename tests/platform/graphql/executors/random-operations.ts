import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
} from "graphql";
import { Draw } from "./random-values.ts";

const VARIABLES =
  "$yes: Boolean!, $no: Boolean = false, $a: Boolean! = true, $b: Boolean! = false, $text: String, $count: Int = 2, $color: Color = RED, $wish: Wish, $wishes: [Wish!] = [{ count: 3 }], $odd: Odd";
const ARGUMENTS = [
  "",
  "",
  "(count: 4)",
  "(text: $text)",
  "(text: null, colors: null)",
  "(count: $count)",
  "(colors: [RED, $color, null])",
  "(colors: [$color])",
  '(text: "é\\u2028", odd: 5)',
  "(odd: $odd)",
  "(odd: { a: [1, $count] })",
  "(wish: $wish, wishes: $wishes)",
  '(wish: { count: 1, colors: GREEN, inner: { count: $count, text: $text, odd: "x" } })',
  "(wishes: [{ count: 2, text: null }, { count: 3, colors: [NUMBER, $color] }])",
  "(wishes: { count: 5 })",
];
const DIRECTIVES = [
  "",
  "",
  "",
  "",
  "",
  "",
  "@skip(if: true)",
  "@skip(if: false)",
  "@include(if: false)",
  "@skip(if: $b)",
  "@skip(if: $no)",
  "@include(if: $yes)",
  "@include(if: $a)",
  "@include(if: $no)",
  "@include(if: $yes) @skip(if: $b)",
];

/** What comes with an operation: fitting and unfitting values. */
export const VARIABLE_SETS: readonly Record<string, unknown>[] = [
  { yes: true, text: "given", wish: { count: 1, inner: { count: 2 } }, odd: 3 },
  { yes: false, no: true, a: false, color: "GREEN" },
  { yes: true, odd: "bad" },
  { yes: true, text: null, wish: null, color: null },
  { yes: true, count: null, wishes: null, color: null, odd: null },
  { yes: true, b: true, wishes: [{ count: 1, colors: ["NUMBER"] }], count: 7 },
  { yes: "wrong", count: 1.5, wish: { text: 5 }, wishes: [null, { count: "x" }] },
  { yes: true, wish: { count: 1, more: 2 }, odd: "worse" },
  { a: null, b: "no" },
  {},
];

/** Writes valid operations of all forms, the same ones for the same seed. */
export class OperationWriter {
  private draw = new Draw("");
  private fragments: { name: string; on: string; body: string }[] = [];
  private left = 0;

  constructor(private readonly schema: GraphQLSchema) {}

  /** @param kind query, mutation or subscription. */
  operation(seed: number, kind: "query" | "mutation" | "subscription"): string {
    this.draw = new Draw(`operation ${seed}`);
    this.fragments = [];
    this.left = 60;
    const type = this.schema.getRootType(kind as never)!;
    const body =
      kind === "subscription"
        ? this.field(type, 3, true)
        : `${this.selection(type, 4)} ${kind === "query" ? this.introspection() : ""}`;
    const fragments = this.fragments.map(
      ({ name, on, body: of }) => `fragment ${name} on ${on} { ${of} }`,
    );
    return `${kind} Main(${VARIABLES}) { ${body} }\n${fragments.join("\n")}`;
  }

  private selection(type: GraphQLCompositeType, depth: number): string {
    const parts = Array.from({ length: 1 + this.draw.below(6) }, () => this.part(type, depth));
    // Sometimes the first field of a row, sometimes the last, so that its place is known to be kept.
    const name = `__typename ${this.draw.one(DIRECTIVES)}`;
    return (this.draw.often(50) ? [name, ...parts] : [...parts, "__typename"]).join(" ");
  }

  private part(type: GraphQLCompositeType, depth: number): string {
    this.left -= 1;
    if (this.draw.often(25) && depth > 0 && this.left > 0) return this.fragment(type, depth);
    return this.field(type, depth, false);
  }

  private fragment(type: GraphQLCompositeType, depth: number): string {
    const known = this.fragments.filter(({ on }) => on === type.name);
    // The same fragment in several places, but never inside itself: it is finished before it is known.
    if (known.length > 0 && this.draw.often(40)) {
      return `...${this.draw.one(known).name} ${this.draw.one(DIRECTIVES)}`;
    }
    const target = this.draw.one(this.overlapping(type));
    const body = this.selection(target, depth - 1);
    const directives = this.draw.one(DIRECTIVES);
    if (this.draw.often(20)) return `... ${directives} { ${this.selection(type, depth - 1)} }`;
    if (this.draw.often(40)) return `... on ${target.name} ${directives} { ${body} }`;
    const name = `Part${this.fragments.length}`;
    this.fragments.push({ name, on: target.name, body });
    return `...${name} ${directives}`;
  }

  /** Types that a value of the type may be of. */
  private overlapping(type: GraphQLCompositeType): GraphQLCompositeType[] {
    const possible = isAbstractType(type) ? this.schema.getPossibleTypes(type) : [type];
    const all = Object.values(this.schema.getTypeMap()).filter(isCompositeType);
    return all.filter((other) => {
      const others = isAbstractType(other) ? this.schema.getPossibleTypes(other) : [other];
      return others.some((one) => possible.includes(one));
    });
  }

  private field(type: GraphQLCompositeType, depth: number, isOnly: boolean): string {
    if (!("getFields" in type)) return "__typename";
    const fields: GraphQLField<unknown, unknown>[] = Object.values(type.getFields()).filter(
      (field) => (depth > 0 && this.left > 0) || isLeafType(getNamedType(field.type)),
    );
    if (fields.length === 0) return "__typename";
    const field = this.draw.one(fields);
    const given = field.args.length === 0 ? "" : this.draw.one(ARGUMENTS);
    // One key for one meaning, so that fields merge wherever they meet.
    const place = given === "" ? "" : `${field.name}_${ARGUMENTS.indexOf(given)}: `;
    const alias = place === "" && this.draw.often(20) ? `also_${field.name}: ` : place;
    const named = getNamedType(field.type);
    const inner = isCompositeType(named) ? ` { ${this.selection(named, depth - 1)} }` : "";
    const directives = isOnly ? "" : this.draw.one(DIRECTIVES);
    return `${alias}${field.name}${given} ${directives}${inner}`;
  }

  private introspection(): string {
    if (!this.draw.often(10)) return "";
    return this.draw
      .one([
        '__type(name: "Cat") { kind name interfaces { name } } __schema @include(if: $a) { queryType { name } }',
        "schema: __schema { types { name kind possibleTypes { name } } directives { name } }",
        "__type(name: $text) { fields(includeDeprecated: true) { name type { kind ofType { name } } } }",
      ])
      .replace("$text", '"Named"');
  }
}
