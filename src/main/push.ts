import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PushSender } from "../domains/notifications/index.ts";
import { FcmPushSender } from "../integrations/fcm/fcm-push-sender.ts";
import { PushOutbox } from "../integrations/fcm/local/push-outbox.ts";
import { parseServiceAccount, type ServiceAccount } from "../integrations/fcm/service-account.ts";
import { systemClock } from "../platform/clock/clock.ts";
import { InvalidConfig, type Config } from "../platform/config/env.ts";
import type { Logger } from "../platform/observe/logger.ts";
import type { ProviderGuard } from "../platform/resilience/guard.ts";

const TIMEOUT_MS = 10_000;
const CONCURRENCY = 20;

/** What sends pushes; null when nobody gets any. @throws InvalidConfig when the service account cannot be used. */
export function openPush(
  config: Config,
  log: Logger,
  guardOf: (provider: string, timeoutMs: number, concurrency: number) => ProviderGuard,
): PushSender | null {
  // Files in a folder reach nobody.
  const toFiles = config.PUSH_MODE === "local";
  if (config.PUSH_MODE === "off" || (toFiles && config.production)) return null;
  if (toFiles) {
    return new PushOutbox({
      dir: join(config.DATA_DIR, "push"),
      ...(config.NODE_ENV === "development" && {
        onSent: ({ title, body, path }) => {
          log.info({ title, body, path }, "a push lies in the outbox");
        },
      }),
    });
  }
  return new FcmPushSender({
    baseUrl: config.FCM_BASE_URL,
    account: accountOf(config.FCM_SERVICE_ACCOUNT ?? ""),
    timeoutMs: TIMEOUT_MS,
    guard: guardOf("fcm", TIMEOUT_MS, CONCURRENCY),
    clock: systemClock,
  });
}

/** @param source The JSON of a key file, or where that lies. */
function accountOf(source: string): ServiceAccount {
  try {
    return parseServiceAccount(source.startsWith("{") ? source : readFileSync(source, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : "it cannot be read";
    throw new InvalidConfig([`FCM_SERVICE_ACCOUNT: ${reason}`]);
  }
}
