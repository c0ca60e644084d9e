import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { Language, Role } from "../../../platform/graphql/context.ts";
import { rowsToFetch, type PageRequest } from "../../../platform/graphql/connection.ts";
import type { Caller } from "../caller.ts";
import type { DevicePlatform } from "./device.repository.ts";

/** Why a session ended. */
export type SessionEnd =
  | "LOGOUT"
  | "LOGOUT_ALL"
  | "ENDED"
  | "TOKEN_REUSED"
  | "PASSWORD_RESET"
  | "PASSWORD_CHANGED"
  | "MERGED"
  | "ACCOUNT_DELETED";

/** Whose session it is, as the access token tells it. */
export interface SessionOwner {
  readonly sessionId: string;
  readonly userId: string;
  readonly role: Role;
  readonly language: Language;
}

/** An open session as its owner sees it. */
export interface SessionRow {
  readonly id: string;
  readonly ip: string;
  readonly userAgent: string | null;
  /** Null when it was not opened by a device. */
  readonly platform: DevicePlatform | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
}

/** What is known of a refresh token that could not be rotated. */
export interface KnownRefreshToken extends SessionOwner {
  readonly rotatedAt: Date | null;
  readonly rotatedBy: string | null;
  readonly ended: boolean;
}

export interface NewSession {
  readonly id: string;
  readonly userId: string;
  readonly deviceId: string | null;
  readonly caller: Caller;
  readonly refreshTokenHash: string;
  readonly at: Date;
  readonly expiresAt: Date;
}

export interface Rotation {
  readonly tokenHash: string;
  readonly successorHash: string;
  /** Tells one client from another. */
  readonly client: string;
  readonly caller: Caller;
  readonly at: Date;
  readonly expiresAt: Date;
}

/** Reads and writes `sessions` and their `refresh_tokens`. */
export class SessionRepository {
  constructor(private readonly database: Database) {}

  async openedAt(id: string): Promise<Date | null> {
    const rows = await this.database.query<{ at: Date }>(
      "select created_at as at from sessions where id = $1",
      [id],
    );
    return rows[0]?.at ?? null;
  }

  async add(tx: Tx, session: NewSession): Promise<void> {
    await tx.execute(
      `with session as (
         insert into sessions
           (id, user_id, device_id, ip, user_agent, created_at, last_used_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $6, $7) returning id
       )
       insert into refresh_tokens (token_hash, session_id, expires_at, created_at)
       select $8, id, $7, $6 from session`,
      [
        session.id,
        session.userId,
        session.deviceId,
        session.caller.ip,
        session.caller.userAgent,
        session.at,
        session.expiresAt,
        session.refreshTokenHash,
      ],
    );
  }

  /** Replaces an unused refresh token of an open session by its successor: of many callers at once, one gets a row. */
  async rotate(tx: Tx, rotation: Rotation): Promise<SessionOwner | null> {
    const rows = await tx.query<SessionOwner>(
      `with rotated as (
         update refresh_tokens set rotated_at = $4, rotated_by = $3
         where token_hash = $1 and rotated_at is null and expires_at > $4
         returning session_id
       ), used as (
         update sessions s set last_used_at = $4, expires_at = $5, ip = $6, user_agent = $7
         from rotated r, users u
         where s.id = r.session_id and s.ended_at is null and u.id = s.user_id and u.is_active
         returning s.id, s.user_id, u.role, u.language
       ), successor as (
         insert into refresh_tokens (token_hash, session_id, expires_at, created_at)
         select $2, id, $5, $4 from used
       )
       select id as "sessionId", user_id as "userId", role, language from used`,
      [
        rotation.tokenHash,
        rotation.successorHash,
        rotation.client,
        rotation.at,
        rotation.expiresAt,
        rotation.caller.ip,
        rotation.caller.userAgent,
      ],
    );
    return rows[0] ?? null;
  }

  async findToken(tx: Tx, tokenHash: string): Promise<KnownRefreshToken | null> {
    const rows = await tx.query<KnownRefreshToken>(
      `select s.id as "sessionId", s.user_id as "userId", u.role, u.language,
         t.rotated_at as "rotatedAt", t.rotated_by as "rotatedBy",
         s.ended_at is not null or not u.is_active as ended
       from refresh_tokens t join sessions s on s.id = t.session_id
         join users u on u.id = s.user_id
       where t.token_hash = $1`,
      [tokenHash],
    );
    return rows[0] ?? null;
  }

  /** Locks an open session against its end; false when it has ended. */
  async hold(tx: Tx, id: string): Promise<boolean> {
    const rows = await tx.query(
      "select 1 from sessions where id = $1 and ended_at is null for share",
      [id],
    );
    return rows.length === 1;
  }

  /** Ends one open session of a user; false when there is none. */
  async end(
    tx: Tx,
    session: { id: string; userId: string; reason: SessionEnd; at: Date },
  ): Promise<boolean> {
    const ended = await tx.execute(
      `update sessions set ended_at = $4, end_reason = $3
       where id = $1 and user_id = $2 and ended_at is null`,
      [session.id, session.userId, session.reason, session.at],
    );
    return ended === 1;
  }

  /** Ends all open sessions of a user but one; returns their ids. */
  async endAll(
    tx: Tx,
    which: { userId: string; except: string | null; reason: SessionEnd; at: Date },
  ): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `update sessions set ended_at = $4, end_reason = $3
       where user_id = $1 and id is distinct from $2 and ended_at is null returning id`,
      [which.userId, which.except, which.reason, which.at],
    );
    return rows.map((row) => row.id);
  }

  /** Those of the given sessions that have ended or do not exist, in one statement. */
  async endedAmong(ids: readonly string[]): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `select asked.id from unnest($1::text[]) as asked (id)
       where not exists (
         select 1 from sessions s where s.id = asked.id and s.ended_at is null
       )`,
      [ids],
      "identity.ended_sessions",
    );
    return rows.map((row) => row.id);
  }

  /** All sessions that ended since. */
  async endedSince(since: Date): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      "select id from sessions where ended_at >= $1",
      [since],
    );
    return rows.map((row) => row.id);
  }

  /** Up to `rowsToFetch` open sessions of a user, newest first, in the direction of the request. */
  openOf(userId: string, at: Date, request: PageRequest): Promise<SessionRow[]> {
    const [comparison, order] = request.backward ? [">", "asc"] : ["<", "desc"];
    return this.database.query<SessionRow>(
      `select s.id, s.ip, s.user_agent as "userAgent", d.platform, s.created_at as "createdAt",
         s.last_used_at as "lastUsedAt"
       from sessions s left join user_devices d on d.id = s.device_id
       where s.user_id = $1 and s.ended_at is null and s.expires_at > $2
         and ($3::text is null or s.id ${comparison} $3)
       order by s.id ${order} limit $4`,
      [userId, at, request.beyond?.[0] ?? null, rowsToFetch(request)],
    );
  }
}
