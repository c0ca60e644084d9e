import { z } from "zod";

/** What a device runs. */
export type DevicePlatform = "ANDROID" | "IOS" | "WEB";

/** One message to one device. */
export interface DeviceMessage {
  readonly id: string;
  readonly token: string;
  readonly platform: DevicePlatform;
  readonly title: string;
  readonly body: string;
  readonly data: Readonly<Record<string, string>>;
}

/** News that are older than a day reach nobody. */
const LIFE_SECONDS = 86_400;

export const accepted = z.object({ name: z.string() });

const detail = z.looseObject({
  "@type": z.string(),
  errorCode: z.string().optional(),
  fieldViolations: z.array(z.looseObject({ field: z.string().optional() })).optional(),
});
const errorBody = z.object({
  error: z.looseObject({ status: z.string().optional(), details: z.array(detail).optional() }),
});

/** The message as `messages:send` wants it. Two of one id replace each other on the device. */
export function wireMessage(message: DeviceMessage, now: Date): object {
  const { id, token, platform, title, body, data } = message;
  const additions = ADDITIONS[platform](id, Math.floor(now.getTime() / 1_000) + LIFE_SECONDS);
  return { message: { token, notification: { title, body }, data, ...additions } };
}

/** No collapse key for Android: of those a device that is offline keeps four only. */
const ADDITIONS: Readonly<Record<DevicePlatform, (id: string, until: number) => object>> = {
  ANDROID: (id) => ({
    android: {
      priority: "HIGH",
      ttl: `${LIFE_SECONDS}s`,
      notification: { tag: id },
    },
  }),
  IOS: (id, until) => ({
    apns: {
      headers: {
        "apns-priority": "10",
        "apns-collapse-id": id,
        "apns-expiration": String(until),
      },
      payload: { aps: { sound: "default" } },
    },
  }),
  WEB: (id) => ({
    webpush: { headers: { TTL: String(LIFE_SECONDS) }, notification: { tag: id } },
  }),
};

/** The service's own code of a refusal; null when it names none. */
export function errorCodeOf(body: unknown): string | null {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) return null;
  const { status, details = [] } = parsed.data.error;
  return details.find(({ errorCode }) => errorCode !== undefined)?.errorCode ?? status ?? null;
}

/** Whether a refusal says that the device's token is no good, rather than the rest of the message. */
export function blamesToken(body: unknown): boolean {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) return false;
  const { details = [] } = parsed.data.error;
  const code = details.find(({ errorCode }) => errorCode !== undefined)?.errorCode;
  if (code === "UNREGISTERED" || code === "UNREGISTERED_FID" || code === "SENDER_ID_MISMATCH") {
    return true;
  }
  const violations = details.flatMap(({ fieldViolations = [] }) => fieldViolations);
  return code === "INVALID_ARGUMENT" && violations.every(({ field }) => field === "message.token");
}
