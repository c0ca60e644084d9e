import { setTimeout as pause } from "node:timers/promises";
import type {
  PalPart,
  PalRequest,
  PalSummaryRequest,
  PalTitleRequest,
} from "../../pal/pal-talk.ts";
import { PAL_PHRASES } from "./pal-phrases.ts";
import { answerBy } from "./pal-rules.ts";

const WORD_MS = 25;
const MAX_QUOTE = 120;
const MAX_SUMMARY_ITEMS = 20;
const MAX_TITLE_WORDS = 6;
const MAX_TITLE = 50;
const KHMER_LETTER = /[\u1780-\u17FF]/;

/**
 * Pal by fixed rules, in English or Khmer, and it says so. It answers from the analyses and goals that it is told: the
 * same question about the same numbers always gets the same answer, word by word. Needs no network.
 */
export class RuleBasedPal {
  /** @param wordMs Pause between two words. */
  constructor(private readonly wordMs = WORD_MS) {}

  /** Streams a reply. */
  async *reply(request: PalRequest): AsyncGenerator<PalPart> {
    for (const word of answerTo(request).match(/\s*\S+/g) ?? []) {
      request.signal.throwIfAborted();
      yield { text: word };
      await pause(this.wordMs, undefined, { signal: request.signal });
    }
    yield { ending: "COMPLETE" };
  }

  /** Lists what the user asked. */
  summarize({ messages, summary }: PalSummaryRequest): Promise<string> {
    const asked = messages.filter(({ role }) => role === "USER").map(({ text }) => quote(text));
    const phrases = PAL_PHRASES[languageOf(asked.join(" "), "EN")];
    const listed = phrases.summary(asked.slice(-MAX_SUMMARY_ITEMS));
    return Promise.resolve(summary === null ? listed : `${summary}\n${listed}`);
  }

  /** The first words of the question. */
  title({ question }: PalTitleRequest): Promise<string> {
    const words = question.trim().split(/\s+/).slice(0, MAX_TITLE_WORDS).join(" ");
    const title = words.slice(0, MAX_TITLE).replace(/[\p{P}\s]+$/u, "");
    return Promise.resolve(`${title.slice(0, 1).toUpperCase()}${title.slice(1)}`);
  }
}

function answerTo({ messages, summary, language, background }: PalRequest): string {
  const questions = messages.filter(({ role }) => role === "USER").map(({ text }) => text);
  const text = questions.at(-1) ?? "";
  const spoken = languageOf(text, language);
  const answer = answerBy(text, background, spoken);
  const { introduction } = PAL_PHRASES[spoken];
  const isFirst = questions.length <= 1 && summary === null;
  return isFirst && !answer.includes(introduction) ? `${answer} ${introduction}` : answer;
}

/** The language of a text, by its letters; what it says by itself, else what the app is set to. */
function languageOf(text: string, fallback: "EN" | "KH"): "EN" | "KH" {
  if (KHMER_LETTER.test(text)) return "KH";
  return /[a-z]/i.test(text) ? "EN" : fallback;
}

function quote(text: string): string {
  const letters = Array.from(text.replaceAll(/\s+/g, " ").trim());
  return letters.length <= MAX_QUOTE
    ? letters.join("")
    : `${letters.slice(0, MAX_QUOTE).join("")}…`;
}
