import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import { rowsToFetch } from "../../../platform/graphql/connection.ts";
import type { Versioned } from "../../../platform/redis/versioned-cache.ts";
import type { ChatAssistant } from "../chat.vocabulary.ts";

/** A chatroom. */
export interface Chatroom {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  /** Whether the name was given by the user, or by the first exchange. */
  readonly isNamed: boolean;
  readonly assistant: ChatAssistant;
  /** Rises with each change of the room itself and with each message. */
  readonly version: number;
  /** Number of the newest message. */
  readonly lastSeq: number;
  readonly createdAt: Date;
  /** When something was last written in it. */
  readonly activeAt: Date;
}

/** A chatroom whose times are texts, as a cache keeps them. */
export type PlainChatroom = Omit<Chatroom, "createdAt" | "activeAt"> & {
  readonly createdAt: string;
  readonly activeAt: string;
};

/** What was said before the messages that an assistant is told word by word. */
export interface RoomSummary {
  readonly text: string;
  /** Everything up to this message is summed up. */
  readonly upToSeq: number;
}

/** A room with its summary. */
export type SummarizedRoom = RoomSummary & Pick<Chatroom, "assistant" | "userId">;

const COLUMNS = `id, user_id as "userId", name, is_named as "isNamed", assistant, version,
  last_seq as "lastSeq", created_at as "createdAt", active_at as "activeAt"`;

/** No reply has a greater priority: the queue takes lower ones first. */
const BEHIND_REPLIES = 100;

/** Every statement on `chat_rooms` and `chat_room_lists` but those that add messages, and begin or end replies. */
export class RoomsRepository {
  constructor(private readonly database: Database) {}

  /** Adds a room. */
  async add(
    tx: Tx,
    room: Pick<Chatroom, "id" | "userId" | "name" | "isNamed" | "assistant">,
  ): Promise<void> {
    await tx.query(
      "insert into chat_rooms (id, user_id, name, is_named, assistant) values ($1, $2, $3, $4, $5)",
      [room.id, room.userId, room.name, room.isNamed, room.assistant],
    );
  }

  /** How many rooms a user has. */
  async count(tx: Tx, userId: string): Promise<number> {
    const rows = await tx.query<{ count: number }>(
      "select count(*)::int as count from chat_rooms where user_id = $1",
      [userId],
    );
    return rows[0]?.count ?? 0;
  }

  /** Locks a room of this user; null when it is absent or someone else's. */
  async lock(tx: Tx, userId: string, id: string): Promise<Chatroom | null> {
    const rows = await tx.query<Chatroom>(
      `select ${COLUMNS} from chat_rooms where id = $1 and user_id = $2 for update`,
      [id, userId],
      "chat_room_lock",
    );
    return rows[0] ?? null;
  }

  /**
   * Names a room, which changes its owner's list; `onlyUntitled` leaves a room alone that has a name already.
   * Null when nothing was changed.
   */
  async rename(tx: Tx, id: string, name: string, onlyUntitled: boolean): Promise<Chatroom | null> {
    const rows = await tx.query<Chatroom>(
      `with room as (
         update chat_rooms set name = $2, is_named = true, version = version + 1
         where id = $1 and not ($3 and is_named) returning *),
       listed as (
         insert into chat_room_lists (user_id, version)
         select user_id, nextval('chat_room_list_versions') from room
         on conflict (user_id) do update set version = nextval('chat_room_list_versions'))
       select ${COLUMNS} from room`,
      [id, name, onlyUntitled],
      "chat_room_rename",
    );
    return rows[0] ?? null;
  }

  /** Removes a room with its messages and the jobs that wrote its replies. */
  async remove(tx: Tx, id: string): Promise<void> {
    await tx.query("delete from ai_jobs where lane = $1", [id]);
    await tx.query("delete from chat_rooms where id = $1", [id]);
  }

  /** Notes that the list of a user's rooms is another one now. Versions are never used twice. */
  async listChanged(tx: Tx, userId: string): Promise<void> {
    await tx.query(
      `insert into chat_room_lists (user_id, version)
       values ($1, nextval('chat_room_list_versions'))
       on conflict (user_id) do update set version = nextval('chat_room_list_versions')`,
      [userId],
    );
  }

  /** Removes what is known about the list of a user who is gone. */
  async forgetList(userId: string): Promise<void> {
    await this.database.query("delete from chat_room_lists where user_id = $1", [userId]);
  }

  /** The versions of many users' lists; no entry for a user who never had a room. */
  async listVersions(userIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.database.query<{ userId: string; version: string }>(
      `select user_id as "userId", version::text from chat_room_lists where user_id = any($1)`,
      [userIds],
      "chat_room_list_versions",
    );
    return new Map(rows.map(({ userId, version }) => [userId, version]));
  }

  /** A page of a user's rooms, the most recently active first, with the version of the list, in one snapshot. */
  async page(
    userId: string,
    page: { limit: number; backward: boolean; beyond: readonly [string, string] | null },
  ): Promise<Versioned<readonly PlainChatroom[]>> {
    const [compare, order] = page.backward ? [">", "asc"] : ["<", "desc"];
    const rows = await this.database.query<Chatroom & { listVersion: string }>(
      `select r.*, coalesce((select version from chat_room_lists where user_id = $1), 0)::text
         as "listVersion"
       from (select 1) one left join lateral (
         select ${COLUMNS} from chat_rooms where user_id = $1
           and ($2::timestamptz is null or (active_at, id) ${compare} ($2, $3))
         order by active_at ${order}, id ${order} limit $4) r on true`,
      [userId, page.beyond?.[0] ?? null, page.beyond?.[1] ?? null, rowsToFetch(page)],
      page.backward ? "chat_rooms_page_back" : "chat_rooms_page",
    );
    const found = rows.filter((row) => (row.id as string | null) !== null);
    return { version: rows[0]?.listVersion ?? "0", value: found.map(plain) };
  }

  /** Rooms by id, whoever owns them. */
  byIds(ids: readonly string[]): Promise<Chatroom[]> {
    return this.database.query<Chatroom>(
      `select ${COLUMNS} from chat_rooms where id = any($1)`,
      [ids],
      "chat_rooms_by_ids",
    );
  }

  /** Numbers of the newest messages, for the sweep. */
  async lastSeqs(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.query<{ id: string; lastSeq: number }>(
      `select id, last_seq as "lastSeq" from chat_rooms where id = any($1)`,
      [ids],
      "chat_room_last_seqs",
    );
    return new Map(rows.map(({ id, lastSeq }) => [id, lastSeq]));
  }

  /** What was said before; null when the room is gone. */
  async summaryOf(id: string): Promise<SummarizedRoom | null> {
    const rows = await this.database.query<SummarizedRoom>(
      `select summary as text, summarized_seq as "upToSeq", assistant, user_id as "userId"
       from chat_rooms where id = $1`,
      [id],
    );
    return rows[0] ?? null;
  }

  /** Stores a summary in the place of the one that it was made of; does nothing when that was replaced meanwhile. */
  async saveSummary(id: string, former: RoomSummary, next: RoomSummary): Promise<void> {
    await this.database.query(
      `update chat_rooms set summary = $3, summarized_seq = $4
       where id = $1 and summarized_seq = $2`,
      [id, former.upToSeq, next.text, next.upToSeq],
    );
  }

  /** Makes another user the owner of rooms and of the jobs that wrote in them; how many rooms it was. */
  async moveAll(tx: Tx, fromUserId: string, toUserId: string): Promise<number> {
    await tx.query(
      `update ai_jobs set user_id = $2
       where lane in (select id from chat_rooms where user_id = $1)`,
      [fromUserId, toUserId],
    );
    return tx.execute("update chat_rooms set user_id = $2 where user_id = $1", [
      fromUserId,
      toUserId,
    ]);
  }

  /** All rooms of a user, oldest first. */
  ofUser(userId: string): Promise<Chatroom[]> {
    return this.database.query<Chatroom>(
      `select ${COLUMNS} from chat_rooms where user_id = $1 order by id`,
      [userId],
    );
  }

  /** Has the queue do something small for a room, at most once at a time, once nobody waits for a reply. */
  async addTask(tx: Tx, task: string, payload: { roomId: string; replyId?: string }) {
    await tx.query(
      `select graphile_worker.add_job($1::text, $2::json, job_key := $3, max_attempts := 4,
         priority := ${BEHIND_REPLIES})`,
      [task, JSON.stringify(payload), `${task}:${payload.roomId}`],
      "chat_room_task",
    );
  }
}

const plain = (row: Chatroom): PlainChatroom => ({
  id: row.id,
  userId: row.userId,
  name: row.name,
  isNamed: row.isNamed,
  assistant: row.assistant,
  version: row.version,
  lastSeq: row.lastSeq,
  createdAt: row.createdAt.toISOString(),
  activeAt: row.activeAt.toISOString(),
});
