import type { MigrationInterface, QueryRunner } from "typeorm";

const ROOMS = `
  create sequence chat_room_list_versions;
  create table chat_room_lists (
    user_id text primary key,
    version bigint not null
  );

  create table chat_rooms (
    id text primary key,
    user_id text not null,
    name text not null check (char_length(name) between 1 and 100),
    is_named boolean not null,
    assistant text not null,
    version integer not null default 1 check (version > 0),
    last_seq integer not null default 0 check (last_seq >= 0),
    summary text not null default '',
    summarized_seq integer not null default 0 check (summarized_seq between 0 and last_seq),
    created_at timestamptz(3) not null default clock_timestamp(),
    active_at timestamptz(3) not null default clock_timestamp()
  );
  create index chat_rooms_of_user on chat_rooms (user_id, active_at desc, id desc);
`;

const MESSAGES = `
  create table chat_messages (
    id text primary key,
    room_id text not null references chat_rooms on delete cascade,
    seq integer not null check (seq > 0),
    role text not null check (role in ('USER', 'ASSISTANT')),
    content text not null,
    tokens integer generated always as ((octet_length(content) + 3) / 4 + 4) stored,
    created_at timestamptz(3) not null default clock_timestamp(),
    constraint chat_messages_seq unique (room_id, seq)
  );

  create table chat_replies (
    id text primary key references chat_messages on delete cascade,
    question_id text not null references chat_messages on delete cascade,
    replaces_id text references chat_messages on delete set null,
    generation integer not null default 0 check (generation >= 0),
    length integer not null default 0 check (length >= 0),
    revision integer not null default 0 check (revision >= 0),
    ending text check (ending in ('COMPLETE', 'STOPPED', 'LENGTH')),
    stop_requested_at timestamptz(3),
    finished_at timestamptz(3),
    check (ending is null or finished_at is not null)
  ) with (fillfactor = 50);
  create index chat_replies_of_question on chat_replies (question_id);
  create unique index chat_replies_replaced on chat_replies (replaces_id)
    where replaces_id is not null;

  create table chat_reply_chunks (
    reply_id text not null references chat_replies on delete cascade,
    generation integer not null,
    start_offset integer not null check (start_offset >= 0),
    end_offset integer not null,
    text text not null,
    primary key (reply_id, generation, start_offset),
    check (end_offset > start_offset)
  );
`;

export class ChatTables1795000031000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ROOMS);
    await runner.query(MESSAGES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table chat_reply_chunks;
      drop table chat_replies;
      drop table chat_messages;
      drop table chat_rooms;
      drop table chat_room_lists;
      drop sequence chat_room_list_versions;
    `);
  }
}
