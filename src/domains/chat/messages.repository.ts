import type { Database } from "../../platform/db/database.ts";
import type { Tx } from "../../platform/db/unit-of-work.ts";
import { rowsToFetch } from "../../platform/graphql/connection.ts";

/** A message of a room: what the user wrote, or a reply. A reply has its text here once it has ended. */
export interface ChatMessage {
  readonly id: string;
  readonly roomId: string;
  /** Its place in the room, from 1, without gaps. */
  readonly seq: number;
  readonly role: "USER" | "ASSISTANT";
  readonly content: string;
  readonly createdAt: Date;
}

/** A message as an assistant is told it. */
export interface SaidMessage {
  readonly seq: number;
  readonly role: "USER" | "ASSISTANT";
  readonly text: string;
  readonly tokens: number;
}

/** A question and its reply as they were added. */
export interface AddedTurn {
  /** Null when the question was there already. */
  readonly question: ChatMessage | null;
  readonly reply: ChatMessage;
  /** Replies of the room that were unfinished before. */
  readonly waiting: number;
}

const COLUMNS = `m.id, m.room_id as "roomId", m.seq, m.role, m.content, m.created_at as "createdAt"`;
const BATCH = 100;
/** More messages than any budget holds. */
const MOST_SAID = 1_000;

/** What counts as said: what users wrote, and per question the newest reply that succeeded. */
const SAID = `
  from chat_messages m left join chat_replies r on r.id = m.id
  where m.room_id = $1 and m.seq > $2 and m.seq < $3 and m.content <> ''
    and (m.role = 'USER' or (r.ending is not null and not exists (
      select 1 from chat_replies n join chat_messages nm on nm.id = n.id
      where n.question_id = r.question_id and n.ending is not null and nm.seq > m.seq)))`;

const ADD_TURN = `
  with room as (
    update chat_rooms set last_seq = last_seq + case when $3::text is null then 1 else 2 end,
      version = version + 1, active_at = clock_timestamp()
    where id = $1 returning user_id, last_seq),
  listed as (
    insert into chat_room_lists (user_id, version)
    select user_id, nextval('chat_room_list_versions') from room
    on conflict (user_id) do update set version = nextval('chat_room_list_versions')),
  question as (
    insert into chat_messages (id, room_id, seq, role, content)
    select $2, $1, last_seq - 1, 'USER', $3 from room where $3 is not null returning created_at),
  reply as (
    insert into chat_messages (id, room_id, seq, role, content)
    select $4, $1, last_seq, 'ASSISTANT', '' from room returning id, created_at),
  text as (
    insert into chat_replies (id, question_id, replaces_id) select id, $2, $5 from reply)
  select last_seq as "replySeq", (select created_at from question) as "askedAt",
    (select created_at from reply) as "createdAt",
    (select count(*)::int from chat_messages m join chat_replies r on r.id = m.id
     where m.room_id = $1 and r.finished_at is null) as waiting
  from room`;

/** Every statement on `chat_messages` that is not about the text of replies. */
export class MessagesRepository {
  constructor(private readonly database: Database) {}

  /**
   * Adds a question, unless it is there already, and its reply, which is still to be written, at the end of a room.
   * The room must be locked.
   */
  async addTurn(
    tx: Tx,
    turn: {
      roomId: string;
      questionId: string;
      /** Null when the question is there already. */
      content: string | null;
      replyId: string;
      replacesId: string | null;
    },
  ): Promise<AddedTurn> {
    const { roomId, questionId, content, replyId, replacesId } = turn;
    const rows = await tx.query<{
      replySeq: number;
      askedAt: Date | null;
      createdAt: Date;
      waiting: number;
    }>(ADD_TURN, [roomId, questionId, content, replyId, replacesId], "chat_add_turn");
    const { replySeq: seq, askedAt, createdAt, waiting } = rows[0] as (typeof rows)[number];
    const reply = { id: replyId, roomId, seq, content: "", createdAt };
    const question =
      content !== null && askedAt !== null
        ? { id: questionId, roomId, seq: seq - 1, content, createdAt: askedAt }
        : null;
    return {
      question: question && { ...question, role: "USER" },
      reply: { ...reply, role: "ASSISTANT" },
      waiting,
    };
  }

  /** A page of a room's messages, oldest first. */
  page(
    roomId: string,
    page: { limit: number; backward: boolean; beyond: number | null },
  ): Promise<ChatMessage[]> {
    const [compare, order] = page.backward ? ["<", "desc"] : [">", "asc"];
    return this.database.query<ChatMessage>(
      `select ${COLUMNS} from chat_messages m
       where m.room_id = $1 and ($2::int is null or m.seq ${compare} $2)
       order by m.seq ${order} limit $3`,
      [roomId, page.beyond, rowsToFetch(page)],
      page.backward ? "chat_messages_page_back" : "chat_messages_page",
    );
  }

  /** The next messages after a number; null when the room is gone. */
  async after(roomId: string, seq: number): Promise<ChatMessage[] | null> {
    const rows = await this.database.query<ChatMessage>(
      `select m.* from chat_rooms r left join lateral (
         select ${COLUMNS} from chat_messages m where m.room_id = r.id and m.seq > $2
         order by m.seq limit $3) m on true
       where r.id = $1 order by m.seq`,
      [roomId, seq, BATCH],
      "chat_messages_after",
    );
    if (rows.length === 0) return null;
    return rows.filter((row) => (row.id as string | null) !== null);
  }

  /** Messages by id, with the owner of their room. */
  byIds(ids: readonly string[]): Promise<(ChatMessage & { userId: string })[]> {
    return this.database.query<ChatMessage & { userId: string }>(
      `select ${COLUMNS}, c.user_id as "userId" from chat_messages m
       join chat_rooms c on c.id = m.room_id where m.id = any($1)`,
      [ids],
      "chat_messages_by_ids",
    );
  }

  /** The last message of a room. */
  async last(tx: Tx, roomId: string): Promise<ChatMessage | null> {
    const rows = await tx.query<ChatMessage>(
      `select ${COLUMNS} from chat_messages m where m.room_id = $1 order by m.seq desc limit 1`,
      [roomId],
    );
    return rows[0] ?? null;
  }

  /**
   * The newest of what was said between two numbers that fits a budget of tokens, oldest first. The newest message comes
   * whatever its size. Replies to the question `exceptRepliesTo` are left out.
   */
  async newestSaid(
    roomId: string,
    span: { afterSeq: number; beforeSeq: number; tokens: number; exceptRepliesTo: string },
  ): Promise<SaidMessage[]> {
    const rows = await this.database.query<SaidMessage>(
      `select seq, role, text, tokens from (
         select m.seq, m.role, m.content as text, m.tokens,
           sum(m.tokens) over (order by m.seq desc) as total,
           row_number() over (order by m.seq desc) as place
         ${SAID} and (r.question_id is null or r.question_id <> $5)
         order by m.seq desc limit ${MOST_SAID}) said
       where total <= $4 or place = 1 order by seq`,
      [roomId, span.afterSeq, span.beforeSeq, span.tokens, span.exceptRepliesTo],
      "chat_newest_said",
    );
    return rows;
  }

  /** Everything said after a number, oldest first, up to the first reply that is still being written. */
  saidAfter(roomId: string, afterSeq: number): Promise<SaidMessage[]> {
    return this.database.query<SaidMessage>(
      `with unfinished as (
         select min(u.seq) as seq from chat_messages u join chat_replies ur on ur.id = u.id
         where u.room_id = $1 and u.seq > $2 and ur.finished_at is null)
       select m.seq, m.role, m.content as text, m.tokens ${SAID}
         and m.seq < coalesce((select seq from unfinished), m.seq + 1)
       order by m.seq limit ${MOST_SAID}`,
      [roomId, afterSeq, 2_147_483_647],
      "chat_said_after",
    );
  }

  /** All messages of rooms, by room and number. */
  ofRooms(roomIds: readonly string[]): Promise<ChatMessage[]> {
    return this.database.query<ChatMessage>(
      `select ${COLUMNS} from chat_messages m where m.room_id = any($1) order by m.room_id, m.seq`,
      [roomIds],
    );
  }
}
