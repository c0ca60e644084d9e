import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** A Gemini that says numbered words and remembers when it said them. */
export interface Talker {
  readonly url: string;
  /** When word `index` of the reply to a message went out (performance.now), by the first word of that message. */
  saidAt(name: string, index: number): number | undefined;
  close(): Promise<void>;
}

/** Answers each message after `firstMs` with `words` words, one each `paceMs`. */
export async function openTalker(words: number, firstMs: number, paceMs: number): Promise<Talker> {
  const said = new Map<string, number[]>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(parts).toString());
      if (request.url?.includes(":generateContent")) return response.end(chunk("Title", true));
      const text = body.contents.at(-1).parts.at(-1).text as string;
      void talk(response, text.split(" ")[0] ?? "");
    });
  });
  const talk = async (response: ServerResponse, name: string): Promise<void> => {
    const times: number[] = [];
    said.set(name, times);
    response.writeHead(200, { "content-type": "text/event-stream" });
    const startMs = performance.now();
    for (let index = 0; index < words; index += 1) {
      await pause(Math.max(0, startMs + firstMs + index * paceMs - performance.now()));
      times.push(performance.now());
      response.write(`data: ${chunk(`w${index} `, index === words - 1)}\r\n\r\n`);
    }
    response.end();
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    saidAt: (name, index) => said.get(name)?.[index],
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const chunk = (text: string, isLast: boolean): string =>
  JSON.stringify({
    candidates: [
      { content: { role: "model", parts: [{ text }] }, ...(isLast && { finishReason: "STOP" }) },
    ],
  });
