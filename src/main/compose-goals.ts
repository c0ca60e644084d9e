import type { AnalysisReadings } from "../domains/analyses/index.ts";
import { createGoalsModule, type GoalsModule } from "../domains/goals/index.ts";
import { systemClock } from "../platform/clock/clock.ts";
import type { ComposeOptions, Domains, Platform } from "./compose.ts";

/** What follows from analyses. */
export const composeGoals = (
  { config, stores, providers, log }: ComposeOptions,
  platform: Platform,
  { identity, billing, wallet }: Pick<Domains, "identity" | "billing" | "wallet">,
  readings: AnalysisReadings,
): GoalsModule =>
  createGoalsModule({
    ...platform,
    ...providers,
    database: stores.database,
    mongo: stores.mongo.db,
    ids: stores.ids,
    quotas: billing.quotas,
    wallets: wallet.wallets,
    readings,
    timeZoneOf: (tx, userId) => identity.users.timeZoneOf(userId, tx),
    isRegistered: async (tx, userId) => {
      const user = await identity.users.find(userId, tx);
      return (user?.emailVerifiedAt ?? user?.phoneVerifiedAt ?? null) !== null;
    },
    clock: systemClock,
    deadlineMs: config.JOB_DEADLINE_SECONDS * 1000,
    log,
  });
