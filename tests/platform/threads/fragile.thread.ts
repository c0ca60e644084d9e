import { answerRequests } from "../../../src/platform/threads/thread-server.ts";

// A thread that dies when asked to, as one that runs out of memory would.
answerRequests<"echo" | "die" | "fail", string>((request) => {
  if (request === "die") process.exit(3);
  if (request === "fail") return Promise.reject(new Error("as asked"));
  return Promise.resolve(request);
});
