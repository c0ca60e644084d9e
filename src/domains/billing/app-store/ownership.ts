import type { SubscriptionReport } from "../billing.ports.ts";

/** From a moment on, what one buyer had bought belongs to another. */
export interface Transfer {
  readonly fromId: string;
  readonly toId: string;
  readonly occurredAt: Date;
}

/** How what a buyer has of a product was at a moment. */
export type BoughtState = Pick<
  SubscriptionReport,
  | "productId"
  | "occurredAt"
  | "rank"
  | "status"
  | "periodEnd"
  | "graceUntil"
  | "cancelAtPeriodEnd"
  | "sandbox"
> & {
  /** Under which id it was bought. */
  readonly appUserId: string;
};

/** What an owner has of a product now. */
export interface Possession {
  readonly ownerId: string;
  readonly state: BoughtState;
}

/** Whether it is the id of a user of ours; a store makes up others for who has not signed in. */
export const isOurs = (appUserId: string): boolean => appUserId.startsWith("usr_");

/**
 * Whose it is now, what belonged to a buyer at a moment.
 * @param transfers Oldest first.
 * @param mayKeep Whom transfers after this one no longer concern.
 */
export function ownerOf(
  appUserId: string,
  occurredAt: Date,
  transfers: readonly Transfer[],
  mayKeep: (ownerId: string) => boolean = () => false,
): string {
  const rest = [...transfers];
  let ownerId = appUserId;
  let since = occurredAt.getTime();
  while (!mayKeep(ownerId)) {
    const index = rest.findIndex(
      (transfer) => transfer.fromId === ownerId && transfer.occurredAt.getTime() >= since,
    );
    const [next] = index < 0 ? [] : rest.splice(index, 1);
    if (!next) break;
    ownerId = next.toId;
    since = next.occurredAt.getTime();
  }
  return ownerId;
}

/**
 * Who has what. It depends on what was said alone, not on the order in which it was: of all that was said of an owner's
 * product the newest counts.
 * @param states Newest first.
 * @param transfers Oldest first.
 */
export function possessionsOf(
  states: readonly BoughtState[],
  transfers: readonly Transfer[],
): Possession[] {
  const found = new Map<string, Possession>();
  for (const state of states) {
    const ownerId = ownerOf(state.appUserId, state.occurredAt, transfers);
    const key = `${ownerId} ${state.productId}`;
    if (!found.has(key)) found.set(key, { ownerId, state });
  }
  return [...found.values()];
}
