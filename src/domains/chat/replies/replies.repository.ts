import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { TextPosition } from "../../../platform/realtime/follow-text.ts";
import type { ChatReplyEnding } from "../chat.vocabulary.ts";
import type { SummarizedRoom } from "../rooms/rooms.repository.ts";

/** A reply as it is shown: the text so far, or the whole. */
export interface ReplyState {
  readonly id: string;
  readonly questionId: string;
  readonly replacesId: string | null;
  readonly replacedById: string | null;
  /** Rises each time the text starts anew. */
  readonly generation: number;
  readonly text: string;
  readonly ending: ChatReplyEnding | null;
}

/** Where a run starts to write. */
export interface BegunReply {
  readonly generation: number;
  /** Not 0 only when the reply was stopped before this run: then what came is the reply. */
  readonly length: number;
  readonly seq: number;
  readonly room: SummarizedRoom;
}

/** A reply that has just ended. */
export interface EndedReply {
  /** Of its text, in UTF-16 code units. */
  readonly length: number;
  /** Whether its room has a name. */
  readonly isNamed: boolean;
  /** Of everything in its room that the summary does not hold yet. */
  readonly tokens: number;
}

/** A piece of text to be stored. */
export interface Append {
  readonly id: string;
  readonly generation: number;
  /** In UTF-16 code units. */
  readonly offset: number;
  readonly text: string;
}

/** What storing a piece showed; null when somebody else writes the reply, or it has ended. */
export type Appended = { readonly stopRequested: boolean } | null;

/** What a reply has beyond a position, as stored. */
interface StoredText {
  readonly generation: number;
  readonly length: number;
  readonly revision: number;
  readonly isFinal: boolean;
  readonly text: string | null;
  readonly start: number;
  readonly jobVersion: number | null;
}

/** The text of a reply beyond a position. */
export interface TextBeyond {
  readonly generation: number;
  readonly revision: number;
  readonly offset: number;
  readonly text: string;
  readonly isFinal: boolean;
  /** Of the job; null when it is gone. */
  readonly jobVersion: number | null;
}

/** Every statement on `chat_replies` and `chat_reply_chunks`, and those that give a reply its final text. */
export class RepliesRepository {
  constructor(private readonly database: Database) {}

  /**
   * Begins to write for one attempt at the job: the text starts anew, and no earlier attempt can write any more.
   * Null when the attempt does not own the job.
   */
  async begin(id: string, attempt: number): Promise<BegunReply | null> {
    const rows = await this.database.query<BegunReply>(BEGIN, [id, attempt]);
    return rows[0] ?? null;
  }

  /** Stores pieces of many replies in one statement; each only at the end of the generation that it belongs to. */
  async append(pieces: readonly Append[]): Promise<Appended[]> {
    const rows = await this.database.query<{ id: string; stopRequested: boolean }>(
      APPEND,
      [
        pieces.map(({ id }) => id),
        pieces.map(({ generation }) => generation),
        pieces.map(({ offset }) => offset),
        pieces.map(({ offset, text }) => offset + text.length),
        pieces.map(({ text }) => text),
      ],
      "chat_reply_append",
    );
    const stored = new Map(rows.map((row) => [row.id, { stopRequested: row.stopRequested }]));
    return pieces.map(({ id }) => stored.get(id) ?? null);
  }

  /** What replies have beyond positions, in one statement; null for those that are gone. */
  async beyond(
    readers: readonly { id: string; from: TextPosition }[],
  ): Promise<(TextBeyond | null)[]> {
    const rows = await this.database.query<StoredText & { place: string }>(
      BEYOND,
      [
        readers.map(({ id }) => id),
        readers.map(({ from }) => from.generation),
        readers.map(({ from }) => from.offset),
      ],
      "chat_reply_beyond",
    );
    const byPlace = new Map(rows.map((row) => [Number(row.place), row]));
    return readers.map(({ from }, index) => {
      const stored = byPlace.get(index + 1);
      return stored ? cut(stored, from) : null;
    });
  }

  /** Numbers that rise with each change of a text, for the sweep. */
  async revisions(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.query<{ id: string; revision: number }>(
      "select id, revision from chat_replies where id = any($1)",
      [ids],
      "chat_reply_revisions",
    );
    return new Map(rows.map(({ id, revision }) => [id, revision]));
  }

  /**
   * Ends a reply: what is stored of its text becomes the message.
   * @param withdraw Leaves no text, also on screens that have shown some.
   * @returns null when it had ended already
   */
  async finish(
    tx: Tx,
    id: string,
    end: { ending: ChatReplyEnding | null; withdraw?: boolean },
  ): Promise<EndedReply | null> {
    const withdraw = end.withdraw ?? false;
    const ended = await tx.query<{ length: number }>(
      `update chat_replies set finished_at = clock_timestamp(), ending = $2,
         revision = revision + 1, generation = generation + case when $3 then 1 else 0 end,
         length = case when $3 then 0 else length end
       where id = $1 and finished_at is null returning length`,
      [id, end.ending, withdraw],
      "chat_reply_finish",
    );
    if (!ended[0]) return null;
    // A statement of its own: it sees what was stored while the first one waited for the reply.
    const rows = await tx.query<EndedReply>(COLLECT, [id, ended[0].length]);
    return rows[0] ?? null;
  }

  /** Asks the run that writes a reply to stop; false when nothing of it has come yet, or it has ended. */
  async requestStop(tx: Tx, id: string): Promise<boolean> {
    const changed = await tx.execute(
      `update chat_replies set stop_requested_at = coalesce(stop_requested_at, clock_timestamp())
       where id = $1 and finished_at is null and length > 0`,
      [id],
    );
    return changed > 0;
  }

  /** Those of the replies that somebody asked to stop, each with a number that is not 0, for the sweep. */
  async stopRequests(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.query<{ id: string }>(
      "select id from chat_replies where id = any($1) and stop_requested_at is not null",
      [ids],
      "chat_reply_stop_requests",
    );
    return new Map(rows.map(({ id }) => [id, 1]));
  }

  /** Replies by id, with their text so far. */
  byIds(ids: readonly string[]): Promise<ReplyState[]> {
    return this.database.query<ReplyState>(STATES, [ids], "chat_replies_by_ids");
  }

  /** Ids of a room's replies that have not ended, the last one first. */
  async unfinishedOf(tx: Tx, roomId: string): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `select m.id from chat_messages m join chat_replies r on r.id = m.id
       where m.room_id = $1 and r.finished_at is null order by m.seq desc`,
      [roomId],
    );
    return rows.map(({ id }) => id);
  }

  /** Which question a reply answers; null when it has not ended yet. */
  async endedReply(tx: Tx, id: string): Promise<{ questionId: string } | null> {
    const rows = await tx.query<{ questionId: string }>(
      `select question_id as "questionId" from chat_replies
       where id = $1 and finished_at is not null`,
      [id],
    );
    return rows[0] ?? null;
  }
}

// What deletes pieces is planned anew each time: a plan kept from when the table was empty would read all of it.
const BEGIN = `
  with begun as (
    update chat_replies r set
      generation = case when stop_requested_at is not null and length > 0
        then generation else generation + 1 end,
      length = case when stop_requested_at is not null then length else 0 end,
      revision = revision + 1
    where id = $1 and finished_at is null and exists (
      select 1 from ai_jobs where id = $1 and status = 'RUNNING' and attempts = $2)
    returning id, generation, length),
  void as (
    delete from chat_reply_chunks c using begun b
    where c.reply_id = b.id and c.generation < b.generation)
  select b.generation, b.length, m.seq, json_build_object('text', c.summary,
    'upToSeq', c.summarized_seq, 'assistant', c.assistant, 'userId', c.user_id) as room
  from begun b join chat_messages m on m.id = b.id join chat_rooms c on c.id = m.room_id`;

// Only the end of a reply must survive a crash of the database: then its job runs again and writes the text anew.
const APPEND = `
  with lax as materialized (select set_config('synchronous_commit', 'off', true)),
  piece as (
    select p.* from unnest($1::text[], $2::int[], $3::int[], $4::int[], $5::text[])
      as p(id, generation, start_offset, end_offset, text), lax),
  grown as (
    update chat_replies r set length = p.end_offset, revision = r.revision + 1
    from piece p where r.id = p.id and r.generation = p.generation
      and r.length = p.start_offset and r.finished_at is null
    returning p.*, r.stop_requested_at is not null as stop_requested),
  stored as (
    insert into chat_reply_chunks (reply_id, generation, start_offset, end_offset, text)
    select id, generation, start_offset, end_offset, text from grown)
  select id, stop_requested as "stopRequested" from grown`;

const BEYOND = `
  select q.place, r.generation, r.length, r.revision, r.finished_at is not null as "isFinal",
    case when r.finished_at is null then c.text
      else (select content from chat_messages where id = q.id) end as text,
    case when r.finished_at is null then coalesce(c.start, r.length) else 0 end as start,
    (select version from ai_jobs where id = q.id) as "jobVersion"
  from unnest($1::text[], $2::int[], $3::int[]) with ordinality
    as q(id, generation, from_offset, place)
  join chat_replies r on r.id = q.id
  left join lateral (
    select string_agg(k.text, '' order by k.start_offset) as text, min(k.start_offset) as start
    from chat_reply_chunks k
    where r.finished_at is null and k.reply_id = r.id and k.generation = r.generation
      and k.end_offset > case
        when coalesce(q.generation, r.generation) = r.generation and q.from_offset <= r.length
        then q.from_offset else 0 end) c on true`;

const COLLECT = `
  with whole as (
    select string_agg(c.text, '' order by c.start_offset) as text
    from chat_reply_chunks c join chat_replies r on r.id = c.reply_id
    where c.reply_id = $1 and c.generation = r.generation),
  gone as (delete from chat_reply_chunks where reply_id = $1),
  said as (
    update chat_messages set content = coalesce((select text from whole), '') where id = $1
    returning room_id, tokens)
  select $2::int as length, c.is_named as "isNamed", said.tokens + coalesce((select sum(m.tokens) from chat_messages m
    where m.room_id = c.id and m.seq > c.summarized_seq and m.id <> $1), 0)::int as tokens
  from said join chat_rooms c on c.id = said.room_id`;

const STATES = `
  select r.id, r.question_id as "questionId", r.replaces_id as "replacesId",
    (select n.id from chat_replies n where n.replaces_id = r.id) as "replacedById",
    r.generation, r.ending,
    case when r.finished_at is not null then m.content else coalesce((
      select string_agg(c.text, '' order by c.start_offset) from chat_reply_chunks c
      where c.reply_id = r.id and c.generation = r.generation), '') end as text
  from chat_replies r join chat_messages m on m.id = r.id where r.id = any($1)`;

/** What a reader at a position is to be told of what is stored. */
function cut(stored: StoredText, from: TextPosition): TextBeyond {
  const { generation, revision, isFinal, start, jobVersion } = stored;
  const text = stored.text ?? "";
  const continues = (from.generation ?? generation) === generation && from.offset <= stored.length;
  let offset = continues ? from.offset : 0;
  // A reader that holds half of a pair is given the whole pair again.
  if (offset > start && isSecondHalf(text.charCodeAt(offset - start))) offset -= 1;
  return { generation, revision, offset, text: text.slice(offset - start), isFinal, jobVersion };
}

const isSecondHalf = (codeUnit: number): boolean => codeUnit >= 0xdc00 && codeUnit <= 0xdfff;
