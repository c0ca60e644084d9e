import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  execute,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  parse,
  specifiedRules,
  validate,
  type ExecutionArgs,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";
import type { Context, Language } from "../../../../src/platform/graphql/context.ts";
import { CompiledExecutor } from "../../../../src/platform/graphql/executor/compiled-executor.ts";
import { composeLoaders } from "../../../../src/platform/graphql/loaders.ts";
import { NodeResolver } from "../../../../src/platform/graphql/node.resolver.ts";
import { buildGraphQLSchema } from "../../../../src/platform/graphql/schema.ts";
import { ALL_COLUMNS, ColumnChoice } from "../../../../src/platform/graphql/selected-fields.ts";
import { freshDatabase } from "../../../support/database.ts";
import { Draw } from "../../../platform/graphql/executors/random-values.ts";
import { openShop, type Shop } from "../shop.ts";

/** Written by chance, but the same in each run. EXECUTOR_OPERATIONS asks for more. */
const OPERATIONS = Number(process.env["EXECUTOR_OPERATIONS"] ?? 60);
const RULES = specifiedRules.filter(
  (rule) => rule !== NoUnusedFragmentsRule && rule !== NoUnusedVariablesRule,
);
const DIRECTIVES = ["", "", "", "", "", "@include(if: $yes)", "@skip(if: $no)", "@skip(if: $yes)"];
const LANGUAGES = ["", "(language: EN)", "(language: KH)", "(language: null)", "(language: $in)"];
const PAGES = ["(first: 2)", "(last: 2)", "(first: 3, sort: PRICE_DESC)", "(sort: RATING)"];
const REVIEW_PAGES = ["(first: 2)", "(last: 1, sort: HIGHEST)", "(rating: 5)", "(sort: LOWEST)"];

let shop: Shop;
let drop: () => Promise<void>;
let schema: GraphQLSchema;
let rootArguments: Record<string, readonly string[]>;
beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  shop = await openShop(fresh.url);
  schema = buildGraphQLSchema([...shop.module.resolvers, new NodeResolver()]);
  rootArguments = await fill();
});
afterAll(async () => {
  await shop.close();
  await drop();
});

/** @returns what the root fields can be asked for */
async function fill(): Promise<Record<string, readonly string[]>> {
  const top = await shop.category("top", { nameKh: "កំពូល", descriptionEn: "All", image: "c.webp" });
  const shelf = await shop.category("shelf", { parentId: top.id, descriptionKh: "ធ្នើ" });
  const products = await shop.products(
    Array.from({ length: 8 }, (_, index) => ({
      slug: `thing-${index}`,
      nameEn: `Thing ${index}`,
      nameKh: index % 2 ? `របស់ ${index}` : null,
      descriptionEn: `About ${index}`,
      descriptionKh: index % 3 ? `អំពី ${index}` : null,
      shortDescriptionEn: index % 2 ? "Short" : null,
      shortDescriptionKh: index % 4 ? "ខ្លី" : null,
      usageInstructionsEn: "Use it",
      usageInstructionsKh: "ប្រើវា",
      price: `${index + 1}.50`,
      compareAtPrice: index % 2 ? "20.00" : null,
      dimensions: index % 2 ? { volumeMl: 30 } : null,
      ingredients: ["Aqua", `Stuff ${index}`],
      skinTypes: index % 2 ? (["OILY"] as const).slice() : [],
      skinConcerns: (["ACNE"] as const).slice(),
      image: index % 2 ? "products/a.webp" : null,
      shelves: [index % 2 ? top.id : shelf.id],
    })),
  );
  await shop.images(products.slice(0, 5), 2);
  const people = ["usr_0000000000001", "usr_0000000000002", "usr_0000000000003"];
  await shop.database.query("insert into users (id) select unnest($1::text[])", [people]);
  await shop.uow.run((tx) =>
    tx.execute(
      `insert into reviews (id, product_id, user_id, author_name, rating, title, comment, status)
       select 'rev_' || lpad(row_number() over ()::text, 13, '0'), p.id, u.id, 'Dara',
         1 + (length(p.id) + ascii(right(p.slug, 1)) + ascii(right(u.id, 1))) % 5, 'Title',
         'Comment ' || p.slug, 'APPROVED'
       from products p, users u`,
    ),
  );
  const [one, two] = [products[0]!, products[1]!];
  return {
    products: [
      ...PAGES,
      `(filter: { search: "thing" }, first: 4)`,
      `(filter: { search: "របស់" }, first: 4)`,
      `(filter: { categorySlug: "shelf", priceMax: "6" })`,
    ],
    product: [`(id: "${one.id}")`, `(id: "${two.id}")`, `(slug: "thing-1")`, `(slug: "none")`],
    category: [`(slug: "top")`, `(slug: "shelf")`, `(slug: "none")`],
    node: [`(id: "${one.id}")`, `(id: "${shelf.id}")`, `(id: "rev_0000000000003")`, `(id: "x")`],
    nodes: [`(ids: ["${two.id}", "${top.id}", "rev_0000000000001", "x", "${two.id}"])`],
    searchSuggestions: [`(prefix: "th")`, `(prefix: "sh")`, `(prefix: "te")`],
    reviews: REVIEW_PAGES,
  };
}

/** Writes operations about the shop, the same ones for the same seed. */
class Writer {
  private readonly draw: Draw;
  private readonly fragments: string[] = [];
  private left = 45;

  constructor(seed: number) {
    this.draw = new Draw(`shop ${seed}`);
  }

  operation(): string {
    const body = this.selection(schema.getQueryType()!, 5);
    return `query ($yes: Boolean!, $no: Boolean = false, $in: Language) { ${body} }\n${this.fragments.join("\n")}`;
  }

  private selection(type: GraphQLCompositeType, depth: number): string {
    const parts = Array.from({ length: 2 + this.draw.below(5) }, () => this.part(type, depth));
    return [...parts, "__typename"].join(" ");
  }

  private part(type: GraphQLCompositeType, depth: number): string {
    this.left -= 1;
    const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
    const target = this.draw.one<GraphQLCompositeType>([
      ...possible.filter(({ name }) => ["Product", "Category", "Review"].includes(name)),
      type,
    ]);
    if (depth > 0 && (isAbstractType(type) || this.draw.often(20))) {
      const body = this.selection(target, depth - 1);
      if (this.draw.often(50)) return `... on ${target.name} ${this.directive()} { ${body} }`;
      this.fragments.push(`fragment F${this.fragments.length} on ${target.name} { ${body} }`);
      return `...F${this.fragments.length - 1} ${this.directive()}`;
    }
    return isObjectType(type) ? this.field(type, depth) : "id";
  }

  private field(type: GraphQLObjectType, depth: number): string {
    const fields: GraphQLField<unknown, unknown>[] = Object.values(type.getFields()).filter(
      ({ type: of }) => (depth > 0 && this.left > 0) || !isCompositeType(getNamedType(of)),
    );
    if (fields.length === 0) return "__typename";
    const products = fields.filter(({ name }) => name === "products" || name === "nodes");
    const field = this.draw.one([...fields, ...products, ...products]);
    const choices = argumentsFor(
      type.name,
      field.name,
      field.args.map(({ name }) => name),
    );
    const index = this.draw.below(choices.length);
    // One key for one meaning, so that fields merge wherever they meet.
    const isPlain = choices[index] === "" && ["Product", "Query"].includes(type.name);
    const alias = isPlain ? "" : `${type.name}_${field.name}_${index}: `;
    const named = getNamedType(field.type);
    const inner = isCompositeType(named) ? `{ ${this.selection(named, depth - 1)} }` : "";
    return `${alias}${field.name}${choices[index]} ${this.directive()} ${inner}`;
  }

  private directive(): string {
    return this.draw.one(DIRECTIVES);
  }
}

function argumentsFor(type: string, field: string, names: readonly string[]): readonly string[] {
  if (type === "Query" || field === "reviews") return rootArguments[field] ?? [""];
  if (names.includes("language")) return LANGUAGES;
  return names.includes("first") ? PAGES : [""];
}

function contextOf(language: Language): Context {
  return {
    requestId: "req_test",
    ip: "127.0.0.1",
    userAgent: null,
    signedIn: {
      userId: "usr_0000000000001",
      sessionId: "ses_test",
      role: "CUSTOMER",
      language,
      expiresAtMs: Number.MAX_SAFE_INTEGER,
    },
    refusal: null,
    language,
    loaders: composeLoaders([shop.module.loaders!])(),
    streams: {} as Context["streams"],
  };
}

/** By graphql-js, with rows that have all their columns. */
async function reference(args: Omit<ExecutionArgs, "schema">): Promise<string> {
  const { of } = ColumnChoice.prototype;
  ColumnChoice.prototype.of = () => ALL_COLUMNS;
  try {
    return JSON.stringify(await execute({ ...args, schema }));
  } finally {
    ColumnChoice.prototype.of = of;
  }
}

test("operations on the shop are answered as by graphql-js with whole rows", async () => {
  const executor = new CompiledExecutor(schema);
  let large = 0;
  for (let seed = 1; seed <= OPERATIONS; seed += 1) {
    const text = new Writer(seed).operation();
    const document = parse(text);
    const faults = validate(schema, document, RULES).map(({ message }) => message);
    expect({ seed, text, faults }).toEqual({ seed, text, faults: [] });
    for (const [language, yes] of [
      ["EN", true],
      ["KH", false],
    ] as const) {
      const variableValues = { yes, in: yes ? "KH" : "EN" };
      const run = () => ({ document, variableValues, contextValue: contextOf(language) });
      const expected = await reference(run());
      if (expected.length > 300) large += 1;
      // Twice: the second time by the plan that was made.
      for (let time = 0; time < 2; time += 1) {
        const answer = JSON.stringify(await executor.execute(run()));
        expect({ seed, text, language, answer }).toEqual({
          seed,
          text,
          language,
          answer: expected,
        });
      }
    }
  }
  // Worth something only when rows were read.
  expect(large).toBeGreaterThan(OPERATIONS / 2);
});
