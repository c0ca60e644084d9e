import { afterEach, expect, test } from "@jest/globals";
import { ThreadCaller } from "../../../src/platform/threads/thread-caller.ts";

const signal = () => AbortSignal.timeout(10_000);
const fragile = () =>
  new ThreadCaller<"echo" | "die" | "fail", string>(
    new URL("./fragile.thread.ts", import.meta.url),
  );
let thread = fragile();

afterEach(async () => {
  await thread.close();
  thread = fragile();
});

test("a thread that died is started again with the next call", async () => {
  await expect(thread.call("die", signal())).rejects.toThrow("the thread ended");
  await expect(thread.call("echo", signal())).resolves.toBe("echo");
});

test("a failed call leaves the thread alive", async () => {
  const calls = [thread.call("fail", signal()), thread.call("echo", signal())];
  await expect(calls[0]).rejects.toThrow("as asked");
  await expect(calls[1]).resolves.toBe("echo");
});

test("an aborted call frees the next one at once", async () => {
  const abort = new AbortController();
  const aborted = thread.call("echo", abort.signal);
  const next = thread.call("echo", signal());
  abort.abort(new Error("no longer wanted"));
  await expect(aborted).rejects.toThrow("no longer wanted");
  await expect(next).resolves.toBe("echo");
});

test("a closed caller refuses", async () => {
  await thread.close();
  await expect(thread.call("echo", signal())).rejects.toThrow("closed");
});
