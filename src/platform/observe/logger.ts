import { pino, type Logger as PinoLogger } from "pino";

export type Logger = PinoLogger;

const SECRET_FIELDS = [
  "authorization",
  "password",
  "currentPassword",
  "newPassword",
  "token",
  "accessToken",
  "refreshToken",
  "idToken",
  "deviceSecret",
  "secret",
  "code",
  "otp",
  "apiKey",
  "cookie",
  "email",
  "phone",
  "uploadUrl",
];
// An error's own `code` (ECONNRESET, 57P01) is wanted in the log; only those below are personal or secret.
const NESTED = ["*", "*.*", "*.*.*"].flatMap((depth) =>
  SECRET_FIELDS.filter((field) => field !== "code").map((field) => `${depth}.${field}`),
);

/** A JSON logger that censors every field whose name says that it is secret or personal. */
export function createLogger(
  level: string,
  bindings: Record<string, string> = {},
  destination?: { write(line: string): void },
): Logger {
  const options = {
    level,
    base: bindings,
    redact: {
      paths: [...SECRET_FIELDS.filter((field) => field !== "code"), ...NESTED],
      censor: "[redacted]",
    },
  };
  return destination ? pino(options, destination) : pino(options);
}
