import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { Caller } from "../caller.ts";

export type AuthAction =
  | "REGISTER"
  | "VERIFY_EMAIL"
  | "RESEND_VERIFICATION"
  | "SIGN_UP_PHONE"
  | "REQUEST_CODE"
  | "VERIFY_CODE"
  | "FORGOT_PASSWORD"
  | "RESET_PASSWORD"
  | "CHANGE_PASSWORD"
  | "LOGIN_PASSWORD"
  | "LOGIN_DEVICE"
  | "LOGIN_OPEN_ID"
  | "LINK_EMAIL"
  | "LINK_PHONE"
  | "LINK_OPEN_ID"
  | "UNLINK_EMAIL"
  | "UNLINK_PHONE"
  | "UNLINK_OPEN_ID"
  | "MERGE_GUEST"
  | "DELETE_ACCOUNT"
  | "REFRESH"
  | "LOGOUT"
  | "LOGOUT_ALL"
  | "END_SESSION";

/** One line of the audit. It never holds a secret or an address. */
export interface AuthEvent {
  readonly action: AuthAction;
  /** OK, or the code of the refusal. */
  readonly outcome: string;
  readonly userId: string | null;
  /** Tells tries on one account apart from others while no user is known. */
  readonly subjectHash?: string | null;
  readonly caller: Caller;
}

/** Writes `auth_events`. */
export class AuthEventRepository {
  constructor(private readonly nextId: () => string) {}

  async add(tx: Tx, event: AuthEvent): Promise<void> {
    await tx.execute(
      `insert into auth_events (id, user_id, subject_hash, action, outcome, ip, user_agent)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        this.nextId(),
        event.userId,
        event.subjectHash ?? null,
        event.action,
        event.outcome,
        event.caller.ip,
        event.caller.userAgent,
      ],
    );
  }
}
