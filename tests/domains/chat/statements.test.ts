import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { sentDuring, type Sent } from "../../support/sent-statements.ts";
import { until } from "../../support/until.ts";
import { ended, hear, newRoom, say, talkingWorld, wish } from "./chat-bed.ts";

let bed: Awaited<ReturnType<typeof talkingWorld>>;
beforeAll(async () => {
  bed = await talkingWorld({ nodes: 1 });
}, 60_000);
afterAll(() => bed.stop());

/** What the queue, the workers' looks around and this test ask by themselves. */
const OF_OTHERS = /_private_jobs|job_workers|pg_locks|ended_at|as "isOver"/;
/** A worker that is quick enough hears of the message, and looks whether the reply was canceled. */
const LOOK = "jobs_by_ids";

/** What is sent for one reply from when the queue gives it away until its room has a name; without COMMIT. */
async function sentForReply(roomName: string | null): Promise<Sent[]> {
  const { database } = bed.world.workers[0]!.stores;
  const person = await bed.world.person();
  const room = await newRoom(person, roomName);
  const sent = await sentDuring(async () => {
    const { reply } = await say(person, room, wish("hello", { words: 1 }));
    await until(async () => {
      const rows = await database.query<{ isOver: boolean }>(
        `select j.status = 'SUCCEEDED' and c.is_named as "isOver"
         from ai_jobs j join chat_rooms c on c.id = j.lane where j.id = $1`,
        [reply.id],
      );
      return rows[0]?.isOver ?? false;
    });
  });
  const taken = sent.findIndex((statement) => statement.name?.startsWith("get_job") === true);
  return sent.slice(taken).filter(({ text, name }) => !OF_OTHERS.test(text) && name !== LOOK);
}

const namesOf = (statements: readonly Sent[]) =>
  statements.map(({ name, text }) => name ?? text.trim().split(/\s+/, 3).join(" "));

test("a reply is begun, ended and told of in few statements", async () => {
  const names = namesOf(await sentForReply("named"));
  const stored = names.indexOf("chat_reply_append");
  expect(names.slice(0, stored)).toEqual([
    "START TRANSACTION",
    "job_claim",
    "feed_append",
    "with begun as",
    "chat_newest_said",
  ]);
  expect(names.slice(stored + 1, stored + 7)).toEqual([
    "START TRANSACTION",
    "job_finish",
    "chat_reply_finish",
    "with whole as",
    "job_lane_head",
    "feed_append",
  ]);
  // Whether it needs a notification shows a moment later.
  expect(names.slice(stored + 7)).toEqual(["notifications.tell_later"]);
});

test("what follows a reply looks its state up only when that has changed", async () => {
  const person = await bed.world.person();
  const room = await newRoom(person, "named");
  const { reply } = await say(person, room, wish("slow", { words: 12, firstMs: 200, paceMs: 70 }));
  const statuses: string[] = [];
  const sent = await sentDuring(() =>
    hear(person, reply.id, (frame) => void statuses.push(frame.reply.status)),
  );
  expect(statuses.length).toBeGreaterThan(6);
  expect(statuses.at(-1)).toBe("SUCCEEDED");
  // When it is subscribed to, at its beginning and at its end; and the worker once for a nudge from elsewhere.
  expect(sent.filter(({ name }) => name === "jobs_by_ids").length).toBeLessThanOrEqual(4);
});

test("a message that meets the end of a reply waits for it and is not begun again", async () => {
  const { jobRepository, feed, unitOfWork } = bed.world.workers[0]!.parts;
  const { database } = bed.world.workers[0]!.stores;
  const person = await bed.world.person();
  const room = await newRoom(person, "named");
  const sent = await sentDuring(async () => {
    let next: ReturnType<typeof say> | undefined;
    await unitOfWork.run(async (tx) => {
      await jobRepository.headOfLane(tx, room);
      next = say(person, room, wish("next", { words: 1 }));
      await until(async () => {
        const waits = await database.query("select from pg_locks where not granted");
        return waits.length > 0;
      });
      await feed.append(tx, person.userId, { topic: "JOB", refId: "rpl_before", version: 1 });
    });
    await ended(person, (await next)?.reply.id as string);
  });
  expect(sent.filter(({ name }) => name === "chat_add_turn")).toHaveLength(1);
});

test("a room without a name costs six statements more, once", async () => {
  const names = namesOf(await sentForReply(null));
  const title = names.filter((name) => /^chat_(rooms_by_ids|said_after|room_)/.test(name));
  expect(title).toEqual([
    "chat_room_task",
    "chat_rooms_by_ids",
    "chat_said_after",
    "chat_room_rename",
  ]);
  // Those, and the transaction and the line of the feed that come with the name.
  expect(names).toHaveLength(13 + title.length + 2);
});
