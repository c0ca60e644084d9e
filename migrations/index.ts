import { PlatformTables1795000000000 } from "./1795000000000-platform-tables.ts";
import { IdentityTables1795000001000 } from "./1795000001000-identity-tables.ts";
import { CatalogTables1795000002000 } from "./1795000002000-catalog-tables.ts";
import { UsageCounters1795000003000 } from "./1795000003000-usage-counters.ts";
import { AnalysisDeletions1795000004000 } from "./1795000004000-analysis-deletions.ts";
import { WalletTables1795000005000 } from "./1795000005000-wallet-tables.ts";
import { WebhookEvents1795000006000 } from "./1795000006000-webhook-events.ts";
import { PasswordSessionEnds1795000010000 } from "./1795000010000-password-session-ends.ts";
import { PhoneCodes1795000011000 } from "./1795000011000-phone-codes.ts";
import { OpenIdAttempts1795000012000 } from "./1795000012000-open-id-attempts.ts";
import { UserAddresses1795000013000 } from "./1795000013000-user-addresses.ts";
import { EmailLinks1795000014000 } from "./1795000014000-email-links.ts";
import { MergesAndDeletions1795000015000 } from "./1795000015000-merges-and-deletions.ts";
import { TimeZones1795000016000 } from "./1795000016000-time-zones.ts";
import { Subscriptions1795000021000 } from "./1795000021000-subscriptions.ts";
import { Payments1795000022000 } from "./1795000022000-payments.ts";
import { AppStoreHistory1795000023000 } from "./1795000023000-app-store-history.ts";
import { WeeklyRewards1795000024000 } from "./1795000024000-weekly-rewards.ts";
import { Notifications1795000025000 } from "./1795000025000-notifications.ts";
import { AuditLog1795000026000 } from "./1795000026000-audit-log.ts";
import { JobLanes1795000029000 } from "./1795000029000-job-lanes.ts";
import { JobDeletions1795000030000 } from "./1795000030000-job-deletions.ts";
import { ChatTables1795000031000 } from "./1795000031000-chat-tables.ts";
import { EmojiStickers1795000032000 } from "./1795000032000-emoji-stickers.ts";
import { HairTryOn1795000033000 } from "./1795000033000-hair-try-on.ts";
import { GoalTables1795000034000 } from "./1795000034000-goal-tables.ts";
import { RoutinePlans1795000035000 } from "./1795000035000-routine-plans.ts";
import { ShopReading1795000036000 } from "./1795000036000-shop-reading.ts";
import { CatalogChanges1795000040000 } from "./1795000040000-catalog-changes.ts";
import { ChatChunksByEnd1795000041000 } from "./1795000041000-chat-chunks-by-end.ts";
import { ReviewChanges1795000042000 } from "./1795000042000-review-changes.ts";
import { JobLaneHeads1795000043000 } from "./1795000043000-job-lane-heads.ts";
import { ChatChunksStay1795000044000 } from "./1795000044000-chat-chunks-stay.ts";
import { ReviewWriting1795000045000 } from "./1795000045000-review-writing.ts";
import { KeptTurns1795000046000 } from "./1795000046000-kept-turns.ts";
import { GoalDays1795000047000 } from "./1795000047000-goal-days.ts";

/** All migrations, oldest first. */
export const migrations = [
  PlatformTables1795000000000,
  IdentityTables1795000001000,
  CatalogTables1795000002000,
  UsageCounters1795000003000,
  AnalysisDeletions1795000004000,
  WalletTables1795000005000,
  WebhookEvents1795000006000,
  PasswordSessionEnds1795000010000,
  PhoneCodes1795000011000,
  OpenIdAttempts1795000012000,
  UserAddresses1795000013000,
  EmailLinks1795000014000,
  MergesAndDeletions1795000015000,
  TimeZones1795000016000,
  Subscriptions1795000021000,
  Payments1795000022000,
  AppStoreHistory1795000023000,
  WeeklyRewards1795000024000,
  Notifications1795000025000,
  AuditLog1795000026000,
  JobLanes1795000029000,
  JobDeletions1795000030000,
  ChatTables1795000031000,
  EmojiStickers1795000032000,
  HairTryOn1795000033000,
  GoalTables1795000034000,
  RoutinePlans1795000035000,
  ShopReading1795000036000,
  CatalogChanges1795000040000,
  ChatChunksByEnd1795000041000,
  ReviewChanges1795000042000,
  JobLaneHeads1795000043000,
  ChatChunksStay1795000044000,
  ReviewWriting1795000045000,
  KeptTurns1795000046000,
  GoalDays1795000047000,
];
