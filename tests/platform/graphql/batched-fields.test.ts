import { expect, test } from "@jest/globals";
import { execute, parse, type ExecutionResult, type GraphQLSchema } from "graphql";
import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import { Batched } from "../../../src/platform/graphql/direct-resolvers.ts";
import { CompiledExecutor } from "../../../src/platform/graphql/executor/compiled-executor.ts";
import { buildGraphQLSchema } from "../../../src/platform/graphql/schema.ts";

/** What the fields of one operation were asked for. */
interface Heard {
  readonly calls: string[];
}
interface Leaf {
  readonly id: number;
}

@ObjectType({ description: "A part of a tree." })
class Branch {
  @Field(() => Int, { description: "Number." })
  id!: number;
}

@Resolver(() => Branch)
class BranchResolver {
  @Query(() => [Branch], { description: "As many as one likes." })
  branches(@Arg("count", () => Int, { description: "How many." }) count: number): Leaf[] {
    return Array.from({ length: count }, (_, id) => ({ id }));
  }

  @Query(() => [Branch], { nullable: "itemsAndList", description: "Some are missing or fail." })
  gaps(): unknown[] {
    return [{ id: 1 }, null, Promise.resolve({ id: 2 }), new Error("no branch")];
  }

  @Query(() => [Branch], { nullable: "itemsAndList", description: "Each may be lost alone." })
  loose(): Leaf[] {
    return [{ id: 1 }, { id: 2 }, { id: 3 }];
  }

  @Query(() => Branch, { description: "Only one." })
  branch(): Leaf {
    return { id: 7 };
  }

  @FieldResolver(() => [Branch], { description: "Those above it." })
  @Batched()
  twigs(
    @Root() rows: readonly Leaf[],
    @Arg("count", () => Int, { description: "How many." }) count: number,
    @Ctx() { calls }: Heard,
  ): Promise<Leaf[][]> {
    calls.push(`twigs(${count}) of ${rows.map(({ id }) => id).join()}`);
    const twigs = (id: number) => Array.from({ length: count }, (_, at) => ({ id: id * 10 + at }));
    return Promise.resolve(rows.map(({ id }) => twigs(id)));
  }

  @FieldResolver(() => String, { description: "Never null." })
  @Batched()
  name(@Root() rows: readonly Leaf[], @Ctx() { calls }: Heard): string[] {
    calls.push(`name of ${rows.map(({ id }) => id).join()}`);
    return rows.map(({ id }) => `branch ${id}`);
  }

  @FieldResolver(() => String, { nullable: true, description: "Fails for every second one." })
  @Batched()
  sometimes(@Root() rows: readonly Leaf[]): unknown[] {
    return rows.map(({ id }) => (id % 2 === 0 ? new Error(`${id} is even`) : `odd ${id}`));
  }

  @FieldResolver(() => String, { description: "Required, but null for every second one." })
  @Batched()
  needed(@Root() rows: readonly Leaf[]): unknown[] {
    return rows.map(({ id }) => (id % 2 === 0 ? null : `odd ${id}`));
  }

  @FieldResolver(() => String, { nullable: true, description: "Fails for all." })
  @Batched()
  never(): Promise<unknown[]> {
    return Promise.reject(new Error("the store is away"));
  }

  @FieldResolver(() => String, { nullable: true, description: "Forgets one." })
  @Batched()
  short(@Root() rows: readonly Leaf[]): unknown[] {
    return rows.slice(1);
  }

  @FieldResolver(() => String, { description: "Each by itself, later." })
  async alone(@Root() { id }: Leaf): Promise<string> {
    await Promise.resolve();
    if (id === 2) throw new Error("2 is broken");
    return `alone ${id}`;
  }

  @FieldResolver(() => String, { description: "Each by itself, at once." })
  now(
    @Root() { id }: Leaf,
    @Arg("add", () => Int, { defaultValue: 1, description: "More." }) add: number,
  ): string {
    if (id === 2) throw new Error("2 is broken");
    return `now ${id + add}`;
  }
}

const schema: GraphQLSchema = buildGraphQLSchema([new BranchResolver()]);
const executor = new CompiledExecutor(schema);

async function answer(text: string): Promise<ExecutionResult & { calls: string[] }> {
  const calls: string[] = [];
  const result = await executor.execute({ document: parse(text), contextValue: { calls } });
  return { ...result, calls };
}

test("a field is asked for once for all lists that hold it, at each depth", async () => {
  const { data, errors, calls } = await answer(
    "{ branches(count: 3) { id name twigs(count: 2) { id name } } }",
  );
  expect(errors).toBeUndefined();
  expect(data?.["branches"]).toEqual([
    {
      id: 0,
      name: "branch 0",
      twigs: [
        { id: 0, name: "branch 0" },
        { id: 1, name: "branch 1" },
      ],
    },
    {
      id: 1,
      name: "branch 1",
      twigs: [
        { id: 10, name: "branch 10" },
        { id: 11, name: "branch 11" },
      ],
    },
    {
      id: 2,
      name: "branch 2",
      twigs: [
        { id: 20, name: "branch 20" },
        { id: 21, name: "branch 21" },
      ],
    },
  ]);
  expect(calls).toEqual(["name of 0,1,2", "twigs(2) of 0,1,2", "name of 0,1,10,11,20,21"]);
});

test("the keys stand in the order of the operation", async () => {
  const { data } = await answer("{ branches(count: 1) { name id again: name now } }");
  expect(JSON.stringify(data)).toBe(
    '{"branches":[{"name":"branch 0","id":0,"again":"branch 0","now":"now 1"}]}',
  );
});

test("a field that does not give one value for each object fails for all of them", async () => {
  const { data, errors } = await answer("{ loose { short } }");
  expect(data?.["loose"]).toEqual([{ short: null }, { short: null }, { short: null }]);
  expect(errors?.map(({ message }) => message)).toEqual(
    Array.from({ length: 3 }, () => "Branch.short must give one value for each object."),
  );
});

/** graphql-js asks for each object by itself, so its errors may come in another order. */
const inOrder = ({ data, errors }: ExecutionResult) => ({
  data: JSON.stringify(data),
  errors: errors?.map((error) => JSON.stringify(error.toJSON())).sort(),
});

test.each([
  "{ branches(count: 4) { id name sometimes } }",
  "{ branches(count: 4) { id needed } }",
  "{ branches(count: 0) { id name } }",
  "{ loose { id needed } }",
  "{ loose { id never sometimes } }",
  "{ loose { id alone name } }",
  "{ loose { id now name } }",
  "{ loose { id now(add: 5) alone needed } }",
  "{ loose { twigs(count: 2) { needed } } }",
  "{ loose { twigs(count: 2) { alone sometimes } name } }",
  "{ gaps { id name needed } }",
  "{ branch { id name twigs(count: 1) { name twigs(count: 2) { sometimes } } } }",
  "{ one: branch { needed } two: branches(count: 2) { ...F } } fragment F on Branch { never name }",
])("answers and errors are those of graphql-js: %s", async (text) => {
  const document = parse(text);
  const expected = await execute({ schema, document, contextValue: { calls: [] } });
  expect(inOrder(await answer(text))).toEqual(inOrder(expected));
});

test.each([0, 2])("a condition that is null fails each of %d items by itself", async (count) => {
  const args = {
    document: parse(
      `query ($no: Boolean = false) { branches(count: ${count}) { id @skip(if: $no) name } }`,
    ),
    variableValues: { no: null },
    contextValue: { calls: [] },
  };
  const expected = await execute({ schema, ...args });
  expect(inOrder(await executor.execute(args))).toEqual(inOrder(expected));
});
