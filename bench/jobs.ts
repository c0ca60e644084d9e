/** `npm run bench:jobs`: how soon work is taken on, and how soon the first screen comes, at a steady pace. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import plans from "../src/domains/billing/plans/default-config.json" with { type: "json" };
import { give, openTill } from "../tests/domains/wallet/wallet-bed.ts";
import { HOME_SCREEN } from "../tests/support/home-screen.ts";
import { Caller, type Answer } from "./support/caller.ts";
import { percentile, printTable, round } from "./support/figures.ts";
import { signIn } from "./support/people.ts";
import { upload } from "./support/selfies.ts";
import { openStage, type ServerProcess, type Stage } from "./support/stage.ts";

const PER_SECOND = Number(process.env["PER_SECOND"] ?? 100);
const SECONDS = Number(process.env["SECONDS"] ?? 10);
const CALLS = PER_SECOND * SECONDS;
const PEOPLE = 50;
const POINTS_PRICE = 1;
/** Calls before the measured ones. */
const WARM_UP = 100;

interface Person {
  readonly userId: string;
  readonly caller: Caller;
}

interface Mutation {
  readonly name: string;
  readonly document: string;
  /** Things that are used up, one a call, of the person whose turn it is. */
  prepare(person: Person): Promise<Record<string, unknown>>;
}

const job = (name: string, field: string): string => {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input!`;
  return `mutation($input: ${type}) { ${name}(input: $input) { ${field} { id } problems { code } } }`;
};

let picture: Promise<Buffer> | null = null;
async function pictureFor(caller: Caller, purpose: string): Promise<string> {
  picture ??= sharp({ create: { width: 512, height: 512, channels: 3, background: "#c99" } })
    .png()
    .toBuffer();
  return upload(caller, { purpose, bytes: await picture });
}

/** Nobody writes the replies here: a room takes no more of them, and is not to fill up. */
const MESSAGES_PER_ROOM = 10;
const rooms = new Map<string, { readonly id: string; left: number }>();
async function roomOf({ userId, caller }: Person): Promise<string> {
  const known = rooms.get(userId);
  const room =
    known && known.left > 0 ? known : { id: await newRoom(caller), left: MESSAGES_PER_ROOM };
  room.left -= 1;
  rooms.set(userId, room);
  return room.id;
}
async function newRoom(caller: Caller): Promise<string> {
  const { data } = await caller.call(
    'mutation { createChatroom(input: { name: "bench" }) { chatroom { id } problems { code } } }',
  );
  return data.createChatroom.chatroom.id as string;
}

const MUTATIONS: readonly Mutation[] = [
  {
    name: "analyzeSkin",
    document: job("analyzeSkin", "skinAnalysis"),
    prepare: async ({ caller }) => ({ uploadId: await pictureFor(caller, "SELFIE") }),
  },
  {
    name: "createEmojiTask",
    document: job("createEmojiTask", "emojiTask"),
    prepare: async ({ caller }) => ({
      uploadId: await pictureFor(caller, "EMOJI_SOURCE"),
      templateId: "emt_happy",
    }),
  },
  {
    name: "sendMessage",
    document: job("sendMessage", "reply"),
    prepare: async (person) => ({
      chatroomId: await roomOf(person),
      content: "How do I look today?",
    }),
  },
];

/** Sends each call when its time has come, whether or not earlier ones were answered; how long each took from then on. */
async function steadily(server: ServerProcess, calls: readonly (() => Promise<Answer>)[]) {
  const { cpuSeconds } = await server.usage();
  const samples: number[] = [];
  const refusals = new Map<string, number>();
  const startMs = performance.now();
  await Promise.all(
    calls.map(async (call, index) => {
      const dueMs = startMs + (index * 1000) / PER_SECOND;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
      const { errors, data } = await call();
      samples.push(performance.now() - dueMs);
      const [payload] = Object.values<any>(data ?? {});
      const code = errors[0]?.extensions?.code ?? payload?.problems?.[0]?.code;
      if (code) refusals.set(code, (refusals.get(code) ?? 0) + 1);
    }),
  );
  const cpuMs = ((await server.usage()).cpuSeconds - cpuSeconds) * 1000;
  return {
    samples,
    cpuMs: cpuMs / calls.length,
    refused: [...refusals].map(([code, count]) => `${count} ${code}`).join(" "),
  };
}

const rowOf = (name: string, { samples, refused, cpuMs }: Awaited<ReturnType<typeof steadily>>) => [
  name,
  samples.length,
  refused || "-",
  ...[0.5, 0.95, 0.99, 1].map((share) => round(percentile(samples, share))),
  round(cpuMs),
];
const HEAD = [
  "operation",
  "calls",
  "refused",
  "p50 ms",
  "p95 ms",
  "p99 ms",
  "max ms",
  "CPU ms each",
];

async function takeOn(server: ServerProcess, people: readonly Person[]): Promise<void> {
  const rows = [];
  for (const { name, document, prepare } of MUTATIONS) {
    const calls = await prepared(people, (person) => prepare(person), CALLS + WARM_UP);
    const sends = calls.map(
      ({ person, input }) =>
        () =>
          person.caller.call(document, { input }),
    );
    await steadily(server, sends.slice(0, WARM_UP));
    rows.push(rowOf(name, await steadily(server, sends.slice(WARM_UP))));
  }
  printTable(`Work taken on, ${PER_SECOND} a second for ${SECONDS} s, ${PEOPLE} people`, [
    HEAD,
    ...rows,
  ]);
}

async function prepared(
  people: readonly Person[],
  prepare: (person: Person) => Promise<Record<string, unknown>>,
  count: number,
) {
  const each = await Promise.all(
    people.map(async (person) => {
      const inputs: Record<string, unknown>[] = [];
      while (inputs.length < count / people.length) inputs.push(await prepare(person));
      return inputs.map((input) => ({ person, input }));
    }),
  );
  // Everybody in turn.
  return Array.from(
    { length: count },
    (_, n) => each[n % people.length]![Math.floor(n / people.length)]!,
  );
}

async function firstScreen(
  stage: Stage,
  server: ServerProcess,
  people: readonly Person[],
): Promise<void> {
  await stage.pool.query(
    `insert into notifications (id, user_id, kind, dedupe_key, facts)
     select 'ntf_' || lpad(u.place || '0' || n, 13, '0'), u.id, 'WEEKLY_REWARD', 'bench' || n, '{"points": 100}'
     from unnest($1::text[]) with ordinality u(id, place), generate_series(1, 20) n`,
    [people.map(({ userId }) => userId)],
  );
  const send = (index: number) => () => people[index % people.length]!.caller.call(HOME_SCREEN);
  const calls = Array.from({ length: CALLS + WARM_UP }, (_, index) => send(index));
  await steadily(server, calls.slice(0, WARM_UP));
  const before = await statementsOf(server.url);
  const measured = await steadily(server, calls.slice(WARM_UP));
  const after = await statementsOf(server.url);
  const statements = (after.sum - before.sum) / (after.count - before.count);
  printTable(`The first screen, ${PER_SECOND} a second for ${SECONDS} s, ${PEOPLE} people`, [
    [...HEAD, "statements"],
    [...rowOf("HomeScreen", measured), round(statements)],
  ]);
}

async function statementsOf(url: string): Promise<{ sum: number; count: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const read = (what: string) =>
    Number(
      new RegExp(
        `^facet_operation_statements_${what}\\{operation="HomeScreen"\\} (\\S+)`,
        "m",
      ).exec(text)?.[1] ?? 0,
    );
  return { sum: read("sum"), count: read("count") };
}

/** Guests with points, who may have as much done as they like. */
async function openPeople(stage: Stage): Promise<{ server: ServerProcess; people: Person[] }> {
  const file = join(stage.dataDir, "plans.json");
  const limits = {
    skinAnalysesPerMonth: 1_000_000,
    palQuestionsPerDay: 1_000_000,
    chatMessagesPerDay: 1_000_000,
    carePlansPerDay: 1_000_000,
  };
  const unlimited = Object.fromEntries(
    Object.entries(plans.plans).map(([name, plan]) => [name, { ...plan, limits }]),
  );
  const emoji = { ...plans.emoji, pricePoints: POINTS_PRICE };
  await writeFile(file, JSON.stringify({ ...plans, plans: unlimited, emoji }));
  const server = await stage.startProcess("api", {
    DYNAMIC_CONFIG_FILE: file,
    UNUSED_UPLOADS_PER_USER: "1000000",
    IMAGE_JOBS_PER_MINUTE: "1000000",
    CHAT_MESSAGES_PER_MINUTE: "1000000",
    REGISTRATIONS_PER_HOUR: "100000",
    LOGIN_ATTEMPTS_PER_MINUTE: "100000",
    COST_BUDGET_PER_MINUTE: "100000000",
  });
  const people: Person[] = [];
  while (people.length < PEOPLE) {
    const { userId, accessToken } = await signIn(server.url);
    people.push({ userId, caller: new Caller(server.url, accessToken) });
  }
  return { server, people };
}

const stage = await openStage();
try {
  const { server, people } = await openPeople(stage);
  await givePoints(stage, people);
  await takeOn(server, people);
  await firstScreen(stage, server, people);
  for (const { caller } of people) caller.close();
} finally {
  await stage.close();
}

async function givePoints({ urls }: Stage, people: readonly Person[]): Promise<void> {
  const till = await openTill(urls.postgresUrl, { nodeId: 900 });
  for (const { userId } of people) await give(till, userId, 2 * CALLS * POINTS_PRICE);
  await till.stop();
}
