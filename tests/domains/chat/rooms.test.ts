import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { countStatements } from "../../../src/platform/db/statements.ts";
import type { TestClient } from "../../support/client.ts";
import { createWorld, type World } from "../../support/world.ts";
import { ended, messagesOf, newRoom, OPERATION, say } from "./chat-bed.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ env: { MAX_SOCKETS_PER_USER: "100" } });
}, 60_000);
afterAll(() => world.stop());

const namesOf = async (person: TestClient, first = 20): Promise<string[]> =>
  (await person.must(OPERATION.rooms, { first })).viewer.chatrooms.nodes.map(
    ({ name }: { name: string }) => name,
  );
/** The person at one node and the other in turn. */
const everywhere = (person: TestClient) => world.nodes.map(({ url }) => person.at(url));

test("the list is right after each change at whichever node, the most recently active first", async () => {
  const ada = await world.person();
  const [here, there] = everywhere(ada) as [TestClient, TestClient];
  expect(await namesOf(there)).toEqual([]);
  const tea = await newRoom(here, "tea");
  expect(await namesOf(there)).toEqual(["tea"]);
  const coffee = await newRoom(there, "coffee");
  expect(await namesOf(here)).toEqual(["coffee", "tea"]);
  await here.must(OPERATION.rename, { input: { id: tea, name: "  green tea " } });
  expect(await namesOf(there)).toEqual(["coffee", "green tea"]);
  const { reply } = await say(there, tea, "hello");
  expect(await namesOf(here)).toEqual(["green tea", "coffee"]);
  await ended(ada, reply.id);
  await there.must(OPERATION.remove, { input: { id: coffee } });
  expect(await namesOf(here)).toEqual(["green tea"]);
});

test("a hundred who ask at once make one list, and the next hundred none", async () => {
  const bea = await world.person();
  for (const name of ["a", "b", "c"]) await newRoom(bea, name);
  const { rooms } = world.nodes[0]!.parts.modules.flatMap(
    ({ resolvers }) => resolvers as any[],
  ).find((resolver) => resolver.rooms?.page !== undefined && resolver.chatrooms)!;
  const page = { limit: 20, backward: false, beyond: null };
  const ask = () =>
    countStatements(() =>
      Promise.all(Array.from({ length: 100 }, () => rooms.page(bea.userId, page))),
    );
  const first = await ask();
  expect(first.count.statements).toBeLessThanOrEqual(2);
  const second = await ask();
  expect(second.count.statements).toBe(1);
  for (const names of second.result.map((list: any) => list.map(({ name }: any) => name))) {
    expect(names).toEqual(["c", "b", "a"]);
  }
});

test("a slow reader that writes an old list back harms nobody", async () => {
  const cleo = await world.person();
  await newRoom(cleo, "old");
  const { redis } = world.nodes[0]!.stores;
  const set = redis.set.bind(redis);
  const late: (() => Promise<unknown>)[] = [];
  redis.set = ((...args: Parameters<typeof set>) => {
    late.push(() => set(...args));
    return Promise.resolve("OK");
  }) as typeof redis.set;
  try {
    expect(await namesOf(cleo)).toEqual(["old"]);
    await newRoom(cleo.at(world.nodes[1]!.url), "new");
    for (const write of late.splice(0)) await write();
    expect(await namesOf(cleo)).toEqual(["new", "old"]);
  } finally {
    redis.set = set;
  }
});

test("changes and reads at random on two nodes: nobody ever reads less than what they wrote", async () => {
  const dora = await world.person();
  const doors = everywhere(dora);
  await Promise.all(
    Array.from({ length: 8 }, async (_, writer) => {
      for (let round = 0; round < 5; round += 1) {
        const name = `w${writer}.${round}`;
        await newRoom(doors[(writer + round) % 2]!, name);
        expect(await namesOf(doors[writer % 2]!, 100)).toContain(name);
      }
    }),
  );
  expect(await namesOf(dora, 100)).toHaveLength(40);
  const { viewer } = await dora.must(OPERATION.rooms, { first: 25 });
  const { nodes, pageInfo } = viewer.chatrooms;
  const rest = await dora.must(OPERATION.rooms, { first: 25, after: pageInfo.endCursor });
  const all = [...nodes, ...rest.viewer.chatrooms.nodes].map(({ id }: any) => id);
  expect(new Set(all).size).toBe(40);
});

test("another user's room, reply and message look like missing ones", async () => {
  const eve = await world.person();
  const mallory = await world.person();
  const room = await newRoom(eve, "mine");
  const { reply, userMessage } = await say(eve, room, "hello");
  const attempts = (ids: { room: string; reply: string; message: string }) => [
    mallory.send(OPERATION.room, { id: ids.room }),
    mallory.send("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {
      ids: [ids.room, ids.reply, ids.message],
    }),
    mallory.send(OPERATION.rename, { input: { id: ids.room, name: "x" } }),
    mallory.send(OPERATION.remove, { input: { id: ids.room } }),
    mallory.send(OPERATION.send, { input: { chatroomId: ids.room, content: "x" } }),
    mallory.send(OPERATION.stop, { input: { id: ids.reply } }),
    mallory.send(OPERATION.regenerate, { input: { messageId: ids.reply } }),
    mallory.watch(OPERATION.watchReply, { id: ids.reply }).next(),
    mallory.watch(OPERATION.watchRoom, { chatroomId: ids.room }).next(),
  ];
  const foreign = { room, reply: reply.id, message: userMessage.id };
  const missing = { room: "cht_0", reply: "rpl_0", message: "msg_0" };
  const plain = (answers: any[]) =>
    JSON.stringify(
      answers.map((answer) => answer.value ?? { data: answer.data, errors: answer.errors }),
    )
      .replaceAll(/"requestId":"[^"]*"/g, "")
      .replaceAll(/"(path|locations)":\[[^\]]*\]/g, "");
  expect(plain(await Promise.all(attempts(foreign)))).toBe(
    plain(await Promise.all(attempts(missing))),
  );
  expect(await namesOf(eve)).toEqual(["mine"]);
  expect((await ended(eve, reply.id)).status).toBe("SUCCEEDED");
});

test("what is too long, empty or beyond a limit is refused and changes nothing", async () => {
  const fay = await world.person();
  const room = await newRoom(fay, "n".repeat(100));
  for (const content of ["", "  \n ", "x".repeat(8_001)]) {
    const { errors } = await fay.send(OPERATION.send, { input: { chatroomId: room, content } });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: ["input", "content"] }],
    });
  }
  for (const name of ["", " ", "n".repeat(101)]) {
    const { errors } = await fay.send(OPERATION.create, { input: { name } });
    expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
  }
  expect(await messagesOf(fay, room)).toEqual([]);
  const { reply } = await say(fay, room, "😀".repeat(8_000));
  expect((await ended(fay, reply.id)).status).toBe("SUCCEEDED");
});

test("a deleted room is gone with everything in it, also while a reply is written; streams of it end", async () => {
  const gil = await world.person();
  const room = await newRoom(gil, "to be deleted");
  const long = await say(gil, room, `hello ${"word ".repeat(50)}`);
  await say(gil, room, "and this waits");
  const stream = gil.watch(OPERATION.watchRoom, { chatroomId: room, afterSeq: 0 });
  expect((await stream.next()).value.data.chatMessageAdded.seq).toBe(1);
  await gil.must(OPERATION.remove, { input: { id: room } });
  let last = await stream.next();
  while (last.done !== true) last = await stream.next();
  expect((await gil.must(OPERATION.room, { id: room })).chatroom).toBeNull();
  expect(await ended(gil, long.reply.id)).toBeNull();
  const { database } = world.nodes[0]!.stores;
  for (const table of ["ai_jobs where lane = $1", "chat_messages where room_id = $1"]) {
    expect(await database.query(`select 1 from ${table}`, [room])).toEqual([]);
  }
});

test("messages cost the same number of statements for 2 and for 60", async () => {
  const hal = await world.person();
  const room = await newRoom(hal, "long");
  const { reply } = await say(hal, room, "hello");
  await ended(hal, reply.id);
  const few = await statementsOf(() => messagesOf(hal, room));
  const { database, ids } = world.nodes[0]!.stores;
  for (let seq = 3; seq < 61; seq += 2) {
    const [question, answer] = [ids.next("msg"), ids.next("rpl")];
    await database.query(
      `with said as (insert into chat_messages (id, room_id, seq, role, content)
         values ($1, $3, $4, 'USER', 'q'), ($2, $3, $4 + 1, 'ASSISTANT', 'a'))
       insert into ai_jobs (id, user_id, kind, status, input, slot, finished_at)
       select $2, user_id, kind, status, input, slot, finished_at from ai_jobs where id = $5`,
      [question, answer, room, seq, reply.id],
    );
    await database.query(
      "insert into chat_replies (id, question_id, ending, finished_at) values ($1, $2, 'COMPLETE', now())",
      [answer, question],
    );
  }
  const many = await statementsOf(() => messagesOf(hal, room));
  expect(many.data).toHaveLength(60);
  expect(many.statements).toBe(few.statements);
});

/** Runs one operation at the first node and tells how many statements that node counted for it. */
async function statementsOf(work: () => Promise<any>): Promise<{ data: any; statements: number }> {
  const read = async () => {
    const text = await world.nodes[0]!.metrics.registry.metrics();
    const sums = [...text.matchAll(/^facet_operation_statements_sum\{[^}]*\} (\S+)/gm)];
    return sums.reduce((sum, match) => sum + Number(match[1]), 0);
  };
  const before = await read();
  const data = await work();
  return { data, statements: (await read()) - before };
}
