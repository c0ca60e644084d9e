import { expect, test } from "@jest/globals";
import type { TalkPart } from "../../src/integrations/gemini/talk.ts";
import type { PalPart } from "../../src/integrations/openai/pal/pal-talk.ts";
import { failure } from "./faults.ts";

type Parts = AsyncIterable<TalkPart | PalPart>;

/** Everything that was said, and how it ended; the error must not tell a secret. */
export async function hear(parts: Parts, secrets: string[]) {
  const heard = { text: "", ending: null as string | null, error: null as Error | null };
  const listening = (async () => {
    for await (const part of parts) {
      if (part.text === undefined) heard.ending = part.ending;
      else heard.text += part.text;
    }
  })();
  await listening.catch(async () => (heard.error = await failure(listening, secrets)));
  return heard;
}

/** A body that arrives in pieces of so many bytes, some of them later. */
export const inPieces = (body: string, size: number) =>
  async function* pieces() {
    const bytes = Buffer.from(body);
    for (let at = 0; at < bytes.length; at += size) {
      yield bytes.subarray(at, at + size);
      if (at % (size * 50) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };

/** Declares how a reply ends that is too slow, cut or no longer wanted. */
export function testEndings(
  secrets: string[],
  reply: (asked: { messages: { role: "USER"; text: string }[]; signal?: AbortSignal }) => Parts,
): void {
  const ask = (wish: object, signal?: AbortSignal) =>
    reply({
      messages: [{ role: "USER", text: `stub ${JSON.stringify(wish)}` }],
      ...(signal && { signal }),
    });

  test("no first word in time, a silence in the middle, a broken connection in the middle", async () => {
    const silent = await hear(ask({ words: 2, firstMs: 2_000 }), secrets);
    expect(silent.error).toMatchObject({ code: "ASSISTANT_SILENT" });
    const stalled = await hear(ask({ words: 2, paceMs: 2_000 }), secrets);
    expect(stalled).toMatchObject({ text: " word0", error: { code: "REPLY_STALLED" } });
    const cut = await hear(ask({ words: 9, paceMs: 5, cutAfter: 2 }), secrets);
    expect(" word0 word1".startsWith(cut.text)).toBe(true);
    expect(cut.error).toMatchObject({ code: "REPLY_CUT" });
  });

  test("a signal ends the talk at once with its own reason, before and after the first word", async () => {
    for (const wish of [
      { words: 2, firstMs: 250 },
      { words: 99, paceMs: 50 },
    ]) {
      const stop = new AbortController();
      const reason = new Error("stopped");
      const talk = (async () => {
        for await (const _ of ask(wish, stop.signal)) void _;
      })();
      setTimeout(() => stop.abort(reason), 100);
      await expect(talk).rejects.toBe(reason);
    }
  });
}
