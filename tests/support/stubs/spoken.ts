import { setTimeout as pause } from "node:timers/promises";

/** What a prompt may ask a stub to do: `stub {"words":40,"paceMs":5}` anywhere in the user's last message. */
export interface Wish {
  /** Says so many words of its own. */
  words?: number | undefined;
  /** Pause before the first word, and between two words. */
  firstMs?: number | undefined;
  paceMs?: number | undefined;
  /** How it finishes, in the provider's words; null: the stream ends without its last event. */
  finish?: string | null | undefined;
  /** Breaks the connection after so many words. */
  cutAfter?: number | undefined;
  /** The wish holds for so many requests with this message; later ones are answered in full. Default: all. */
  times?: number | undefined;
  /** Answers with this status. */
  status?: number | undefined;
}

const STRANGE = ["😀", "សួស្តី", "naïve", "👩‍👩‍👧", "plain"];

/** Counts prompts, so that wishes can hold for the first requests only. */
export class AskedBefore {
  private readonly counts = new Map<string, number>();

  wishOf(prompt: string): Wish {
    const count = (this.counts.get(prompt) ?? 0) + 1;
    this.counts.set(prompt, count);
    const written = /stub (\{.*\})/.exec(prompt)?.[1];
    const told = written === undefined ? {} : (JSON.parse(written) as Wish);
    const { words, paceMs } = told;
    return count > (told.times ?? Infinity) ? { words, paceMs } : told;
  }
}

/** What a model says to a prompt, word by word, in the frames of its provider. */
export async function* spoken(
  prompt: string,
  wish: Wish,
  frames: { start?: () => string; word: (text: string) => string; end: (all: string) => string },
): AsyncGenerator<Buffer | "cut"> {
  const said =
    wish.words === undefined
      ? `You said: ${prompt}`.match(/\s*\S+/g)!
      : Array.from({ length: wish.words }, (_, index) =>
          index % 7 === 3 ? ` ${STRANGE[index % STRANGE.length]}` : ` word${index}`,
        );
  if (frames.start) yield Buffer.from(frames.start());
  if (wish.firstMs) await pause(wish.firstMs, undefined, { ref: false });
  for (const [index, word] of said.entries()) {
    if (index === wish.cutAfter) return yield "cut";
    if (index > 0 && wish.paceMs) await pause(wish.paceMs, undefined, { ref: false });
    yield Buffer.from(frames.word(word));
  }
  yield Buffer.from(frames.end(said.join("")));
}
