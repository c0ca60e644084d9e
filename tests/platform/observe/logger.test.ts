import { describe, expect, test } from "@jest/globals";
import { createLogger } from "../../../src/platform/observe/logger.ts";

const SECRET = "hunter2-do-not-tell";

function logged(write: (log: ReturnType<typeof createLogger>) => void, level = "trace"): string {
  const lines: string[] = [];
  write(createLogger(level, { role: "api" }, { write: (line) => void lines.push(line) }));
  return lines.join("");
}

describe("redaction", () => {
  test.each([
    "password",
    "currentPassword",
    "newPassword",
    "token",
    "accessToken",
    "refreshToken",
    "idToken",
    "deviceSecret",
    "secret",
    "otp",
    "apiKey",
    "authorization",
    "cookie",
    "email",
    "phone",
    "uploadUrl",
  ])("%s is never written, however deep it lies", (name) => {
    const text = logged((log) => {
      const value = { [name]: SECRET };
      log.info(value, "flat");
      log.info({ user: value }, "nested");
      log.info({ variables: { input: value } }, "input of an operation");
      log.info({ request: { body: { variables: value } } }, "request");
      log.info({ headers: value, list: [value] }, "list");
      log.child(value).info("child");
      log.error({ err: Object.assign(new Error("refused"), value) }, "error");
    });
    expect(text.split("\n").filter(Boolean)).toHaveLength(7);
    expect(text).not.toContain(SECRET);
    expect(text).toContain("[redacted]");
  });

  test("what is neither secret nor personal stays readable", () => {
    const text = logged((log) => {
      log.warn(
        { requestId: "r1", err: Object.assign(new Error("lost"), { code: "ECONNRESET" }) },
        "a connection was lost",
      );
    });
    expect(JSON.parse(text)).toMatchObject({
      role: "api",
      requestId: "r1",
      msg: "a connection was lost",
      err: { message: "lost", code: "ECONNRESET" },
    });
  });

  test("the level is obeyed", () => {
    expect(logged((log) => log.info("quiet"), "warn")).toBe("");
  });
});
