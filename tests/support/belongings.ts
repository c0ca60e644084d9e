import { randomUUID } from "node:crypto";
import { ANALYZE, watchToEnd } from "./analyses.ts";
import { TestClient } from "./client.ts";
import { until } from "./until.ts";
import { LOGIN_WITH_DEVICE, portrait, type World } from "./world.ts";

/** Makes one thing that belongs to a person; resolves to its id. */
type Make = (world: World, owner: TestClient) => Promise<string>;

const insert =
  (prefix: string, statement: string): Make =>
  async (world, owner) => {
    const { database, ids } = world.nodes[0]!.stores;
    const id = ids.next(prefix);
    await database.query(statement, [id, owner.userId]);
    return id;
  };

/** What can belong to somebody and has an id: one line per kind. */
const KINDS = {
  user: (_world, owner) => Promise.resolve(owner.userId),
  upload: (world, owner) => world.upload(owner, portrait()),
  analysis: async (world, owner) => {
    const uploadId = await world.upload(owner, portrait());
    const { analyzeSkin } = await owner.must(ANALYZE, { input: { uploadId } });
    await watchToEnd(owner, analyzeSkin.skinAnalysis.id as string);
    return analyzeSkin.skinAnalysis.id as string;
  },
  session: async (world, owner) => (await openSession(world, owner)).id,
  address: insert(
    "adr",
    `insert into user_addresses (id, user_id, type, first_name, last_name, address_line1, city, country)
     values ($1, $2, 'SHIPPING', 'Bob', 'B', '1 Street', 'Phnom Penh', 'KH')`,
  ),
  chatroom: async (_world, owner) =>
    (await owner.must("mutation { createChatroom(input: {}) { chatroom { id } } }")).createChatroom
      .chatroom.id as string,
  reply: async (world, owner) => {
    const chatroomId = await KINDS.chatroom(world, owner);
    const { sendMessage } = await owner.must(
      `mutation { sendMessage(input: { chatroomId: "${chatroomId}", content: "Hello" }) { reply { id } } }`,
    );
    await watchToEnd(owner, sendMessage.reply.id as string);
    // The room gets its name after the reply.
    await until(() =>
      world.nodes[0]!.stores.database.query<object>(
        "select 1 from chat_rooms where id = $1 and is_named",
        [chatroomId],
      ).then((rows) => rows.length === 1),
    );
    return sendMessage.reply.id as string;
  },
  emojiTask: insert(
    "emj",
    `insert into ai_jobs (id, user_id, kind, status, input, slot, finished_at)
     values ($1, $2, 'EMOJI_TASK', 'CANCELED', '{}', 0, now())`,
  ),
  goal: insert(
    "gol",
    `insert into goals (id, user_id, title, description, metric, baseline, target, value, deadline,
       profile_version, created_at)
     values ($1, $2, 'Drink', '', 'hydration', 40, 60, 40, '2099-01-01', 1, now())`,
  ),
  goalPlan: insert(
    "gpl",
    `insert into ai_jobs (id, user_id, kind, status, input, slot, finished_at)
     values ($1, $2, 'GOAL_PLAN', 'CANCELED', '{"analysisId":"ana_0000000000000"}', 0, now())`,
  ),
  routinePlan: insert(
    "rtn",
    `insert into ai_jobs (id, user_id, kind, status, input, slot, finished_at)
     values ($1, $2, 'ROUTINE_PLAN', 'CANCELED', '{"analysisId":"ana_0000000000000","language":"EN"}', 0, now())`,
  ),
  /** Of the hairstyle that is tried wherever a try-on needs one. */
  hairTryOn: insert(
    "hto",
    `with style as (
       insert into hairstyles (id, name_en, description_en, prompt, category)
       values ('hst_0000000000001', 'Bob', 'A bob.', 'a bob', 'MEDIUM') on conflict do nothing),
     job as (
       insert into ai_jobs (id, user_id, kind, status, input, slot, finished_at)
       values ($1, $2, 'HAIR_TRY_ON', 'CANCELED', '{}', 0, now()))
     insert into try_ons (id, hairstyle_id, credits_held) values ($1, 'hst_0000000000001', 0)`,
  ),
  /** Of the product that is reviewed wherever a review needs one; nobody has approved it. */
  review: insert(
    "rev",
    `with product as (
       insert into products (id, slug, sku, name_en, brand, description_en, price, status, published_at)
       values ('prd_0000000000001', 'cream', 'CREAM', 'Cream', 'House', 'A cream.', 10, 'active', now())
       on conflict do nothing)
     insert into reviews (id, product_id, user_id, rating, comment)
     values ($1, 'prd_0000000000001', $2, 5, 'Good.')`,
  ),
  notification: insert(
    "ntf",
    `insert into notifications (id, user_id, kind, dedupe_key, facts) values ($1, $2, 'JOB_SUCCEEDED', $1, '{}')`,
  ),
  subscription: insert(
    "sbn",
    `insert into subscriptions (id, user_id, store, store_subscription_id)
     values ($1, $2, 'STRIPE', 'of ' || $1)`,
  ),
  wallet: async (_world, owner) =>
    (await owner.must("{ viewer { wallets { id } } }")).viewer.wallets[0].id as string,
} as const satisfies Record<string, Make>;

export type Belonging = keyof typeof KINDS;

/** One thing of each kind that belongs to a person. */
export async function belongingsOf(
  world: World,
  owner: TestClient,
): Promise<Record<Belonging, string>> {
  const made: Partial<Record<Belonging, string>> = {};
  for (const kind of Object.keys(KINDS) as Belonging[])
    made[kind] = await KINDS[kind](world, owner);
  return made as Record<Belonging, string>;
}

/** Another session of the same person, of somewhere else. */
async function openSession(world: World, { userId }: TestClient): Promise<{ id: string }> {
  const { database, ids } = world.nodes[0]!.stores;
  const id = ids.next("ses");
  await database.query(
    `insert into sessions (id, user_id, ip, expires_at)
     values ($1, $2, '203.0.113.7', now() + interval '1 day')`,
    [id, userId],
  );
  return { id };
}

/** Everything in PostgreSQL that belongs to a person, by table: whatever has a column `user_id`, and the user. */
export async function stateOf(world: World, userId: string): Promise<Record<string, unknown>> {
  const { database } = world.nodes[0]!.stores;
  const tables = await database.query<{ name: string }>(
    `select table_name as name from information_schema.columns
     where table_schema = 'public' and column_name = 'user_id' order by 1`,
  );
  const state: Record<string, unknown> = {};
  for (const { name } of tables) state[name] = await rowsOf(world, name, "user_id", userId);
  return { ...state, users: await rowsOf(world, "users", "id", userId) };
}

async function rowsOf(world: World, table: string, column: string, id: string): Promise<unknown> {
  const rows = await world.nodes[0]!.stores.database.query<{ row: string }>(
    `select t::text as row from "${table}" t where t."${column}" = $1 order by 1`,
    [id],
  );
  return rows.map(({ row }) => row);
}

/** Somebody new with a role. */
export async function personWith(world: World, role: string): Promise<TestClient> {
  const input = { deviceId: randomUUID(), deviceSecret: randomUUID(), platform: "IOS" };
  const login = async () => {
    const { loginWithDevice } = await new TestClient(world.url).must(LOGIN_WITH_DEVICE, { input });
    const { accessToken, refreshToken, viewer } = loginWithDevice.session;
    return new TestClient(world.url, { accessToken, refreshToken, userId: viewer.id });
  };
  const person = await login();
  if (role === "CUSTOMER") return person;
  await world.nodes[0]!.stores.database.query("update users set role = $2 where id = $1", [
    person.userId,
    role,
  ]);
  return login();
}
