import { domainEventType } from "../../platform/events/domain-events.ts";

/** Sessions of a user have ended; told in the transaction that ended them. */
export const SESSIONS_ENDED = domainEventType<{
  readonly userId: string;
  readonly sessionIds: readonly string[];
}>("identity.sessions_ended");
