import { parentPort } from "node:worker_threads";
import type { ThreadAnswer, ThreadRequest } from "./thread-caller.ts";

/** The other end of `ThreadCaller`, called once in the thread's entry when it is ready. */
export function answerRequests<Request, Answer>(
  handle: (request: Request) => Promise<Answer>,
): void {
  const port = parentPort;
  if (!port) throw new Error("this module is the entry of a worker thread");

  const answer = async ({ id, request }: ThreadRequest<Request>): Promise<ThreadAnswer<Answer>> => {
    try {
      return { id, answer: await handle(request) };
    } catch (error) {
      return { id, error: error instanceof Error ? error.message : String(error) };
    }
  };
  port.on("message", (request: ThreadRequest<Request>) => {
    void answer(request).then((message) => {
      port.postMessage(message);
    });
  });
}
