/** `npm run bench:chat`: how soon the words of an assistant are on screens, and what that costs. */
import WebSocket from "ws";
import { percentile, printTable, round } from "./support/figures.ts";
import { signIn } from "./support/people.ts";
import { openStage, type ServerProcess, type Stage } from "./support/stage.ts";
import { openTalker, type Talker } from "./support/talker.ts";

const STREAMS = Number(process.env["STREAMS"] ?? 200);
const REPLIES = Number(process.env["REPLIES"] ?? 100);
const WORDS = 200;
const PACE_MS = 30;
/** By then whoever has asked is listening. */
const FIRST_MS = 250;
const CROWD_FIRST_MS = 3_000;
const MESSAGES_A_DAY = 5;
const STREAMS_PER_PERSON = 2;

const WATCH = `subscription($id: ID!) {
  chatReplyStreamed(id: $id) { generation offset appended reply { id version status } }
}`;
const CREATE = `mutation($input: CreateChatroomInput!) { createChatroom(input: $input) { chatroom { id } } }`;
const SEND = `mutation($input: SendMessageInput!) { sendMessage(input: $input) { reply { id } problems { code } } }`;

interface Person {
  readonly url: string;
  readonly accessToken: string;
}

async function ask(person: Person, query: string, variables: object): Promise<any> {
  const response = await fetch(`${person.url}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${person.accessToken}`,
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: any; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

const newRoom = async (person: Person): Promise<string> =>
  (await ask(person, CREATE, { input: { name: "bench" } })).createChatroom.chatroom.id as string;

/** Sends a message whose reply is followed on a socket of its own; lags of its words, in milliseconds. */
async function converse(
  person: Person,
  roomId: string,
  name: string,
  talker: Talker,
): Promise<{ lags: number[]; frames: number }> {
  const { sendMessage } = await ask(person, SEND, {
    input: { chatroomId: roomId, content: `${name} please talk` },
  });
  if (sendMessage.problems.length > 0) throw new Error(JSON.stringify(sendMessage.problems));
  const socket = new WebSocket(
    `${person.url.replace("http", "ws")}/graphql`,
    "graphql-transport-ws",
    { perMessageDeflate: false },
  );
  const send = (message: object) => {
    socket.send(JSON.stringify(message));
  };
  const lags: number[] = [];
  let length = 0;
  let words = 0;
  let frames = 0;
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("open", () => {
      const payload = { authorization: `Bearer ${person.accessToken}` };
      send({ type: "connection_init", payload });
    });
    socket.on("message", (data: Buffer) => {
      const atMs = performance.now();
      const { type, payload } = JSON.parse(data.toString()) as { type: string; payload?: any };
      if (type === "connection_ack") {
        const variables = { id: sendMessage.reply.id as string };
        send({ id: "1", type: "subscribe", payload: { query: WATCH, variables } });
      } else if (type === "next") {
        const { offset, appended } = payload.data.chatReplyStreamed;
        if (offset !== length) throw new Error(`Text is missing or comes twice: ${name}.`);
        length += appended.length as number;
        frames += 1;
        const more = (appended as string).split(" ").length - 1;
        for (const end = words + more; words < end; words += 1) {
          lags.push(atMs - (talker.saidAt(name, words) ?? atMs));
        }
      } else if (type === "complete") {
        socket.close();
        resolve({ lags, frames });
      } else if (type === "error") {
        reject(new Error(JSON.stringify(payload)));
      }
    });
  });
}

async function people(url: string, count: number): Promise<Person[]> {
  const found: Person[] = [];
  for (let index = 0; index < count; index += 1) found.push({ url, ...(await signIn(url)) });
  return found;
}

/** One reply at a time. */
async function firstWords(url: string): Promise<void> {
  const talker = firstTalker;
  const persons = await people(url, Math.ceil(REPLIES / MESSAGES_A_DAY));
  const lags: number[] = [];
  for (const [index, person] of persons.entries()) {
    const room = await newRoom(person);
    for (let message = 0; message < MESSAGES_A_DAY && lags.length < REPLIES; message += 1) {
      const { lags: all } = await converse(person, room, `one-${index}-${message}`, talker);
      lags.push(all[0] ?? Number.NaN);
    }
  }
  printTable(`First word: provider → client, one reply at a time`, [
    ["replies", "p50 ms", "p95 ms", "max ms"],
    [
      lags.length,
      round(percentile(lags, 0.5)),
      round(percentile(lags, 0.95)),
      round(Math.max(...lags)),
    ],
  ]);
}

/** Many replies at once. @param name Of the round; its messages are told apart by it. */
async function crowd(
  stage: Stage,
  api: ServerProcess,
  worker: ServerProcess,
  name: string,
): Promise<void> {
  const persons = await people(api.url, Math.ceil(STREAMS / STREAMS_PER_PERSON));
  const rooms = await Promise.all(
    Array.from({ length: STREAMS }, async (_, index) => {
      const person = persons[index % persons.length] as Person;
      return { person, room: await newRoom(person) };
    }),
  );
  const before = await figures(stage, api, worker);
  const results = await Promise.all(
    rooms.map(({ person, room }, index) => converse(person, room, `${name}-${index}`, crowdTalker)),
  );
  const after = await figures(stage, api, worker);
  const seconds = (after.atMs - before.atMs) / 1000;
  const lags = results.flatMap(({ lags: some }) => some);
  const first = results.map(({ lags: some }) => some[0] ?? Number.NaN);
  const frames = results.reduce((sum, { frames: some }) => sum + some, 0);
  printTable(
    `${STREAMS} streams at once on one api process, ${WORDS} words each, one per ${PACE_MS} ms: ${name} round`,
    [
      ["words", "lag p50 ms", "p95 ms", "p99 ms", "first word p50 ms", "frames/s per stream"],
      [
        lags.length,
        round(percentile(lags, 0.5)),
        round(percentile(lags, 0.95)),
        round(percentile(lags, 0.99)),
        round(percentile(first, 0.5)),
        round(frames / STREAMS / seconds),
      ],
    ],
  );
  printTable("What it cost", [
    ["seconds", "transactions/s", "api CPU", "worker CPU", "bench CPU"],
    [
      round(seconds),
      Math.round((after.transactions - before.transactions) / seconds),
      `${Math.round(((after.apiCpu - before.apiCpu) / seconds) * 100)} %`,
      `${Math.round(((after.workerCpu - before.workerCpu) / seconds) * 100)} %`,
      `${Math.round(((after.ownCpu - before.ownCpu) / seconds) * 100)} %`,
    ],
  ]);
}

async function figures(stage: Stage, api: ServerProcess, worker: ServerProcess) {
  await stage.pool.query("select pg_stat_force_next_flush()");
  const { rows } = await stage.pool.query<{ count: string }>(
    "select xact_commit as count from pg_stat_database where datname = current_database()",
  );
  const [apiUsage, workerUsage] = await Promise.all([api.usage(), workerCpu(worker)]);
  return {
    atMs: performance.now(),
    transactions: Number(rows[0]?.count),
    apiCpu: apiUsage.cpuSeconds,
    workerCpu: workerUsage,
    ownCpu: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
  };
}

/** A worker serves no metrics: its processor time is read from the system, where there is one to ask. */
async function workerCpu({ child }: ServerProcess): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const stat = await readFile(`/proc/${child.pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const TICKS_PER_SECOND = 100;
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND;
}

const ENVIRONMENT = {
  GEMINI_MODE: "live",
  GEMINI_API_KEY: "key",
  REGISTRATIONS_PER_HOUR: "100000",
  LOGIN_ATTEMPTS_PER_MINUTE: "100000",
  COST_BUDGET_PER_MINUTE: "100000000",
};
const stage = await openStage();
const firstTalker = await openTalker(3, FIRST_MS, 10);
const crowdTalker = await openTalker(WORDS, CROWD_FIRST_MS, PACE_MS);
try {
  const api = await stage.startProcess("api", ENVIRONMENT);
  const single = await stage.startProcess("worker", {
    ...ENVIRONMENT,
    GEMINI_BASE_URL: firstTalker.url,
  });
  await firstWords(api.url);
  await new Promise((resolve) => single.child.once("exit", resolve).kill("SIGTERM"));
  const worker = await stage.startProcess("worker", {
    ...ENVIRONMENT,
    GEMINI_BASE_URL: crowdTalker.url,
    WORKER_CONCURRENCY: "200",
  });
  // In the first round the worker's code and connections are new.
  await crowd(stage, api, worker, "first");
  await crowd(stage, api, worker, "second");
} finally {
  await stage.close();
  await Promise.all([firstTalker.close(), crowdTalker.close()]);
}
process.exit(0);
