import { setTimeout as pause } from "node:timers/promises";
import type { SummaryRequest, TalkMessage, TalkPart, TalkRequest, TitleRequest } from "../talk.ts";
import { PHRASES, type Phrases } from "./phrases.ts";

const WORD_MS = 25;
const MAX_QUOTE = 120;
const MAX_TITLE_WORDS = 6;
const MAX_SUMMARY_ITEMS = 20;
const KHMER_LETTER = /[\u1780-\u17FF]/;

interface Asked {
  readonly text: string;
  /** What the user wrote before it, oldest first. */
  readonly earlier: readonly string[];
  readonly messages: readonly TalkMessage[];
  readonly summary: string | null;
  readonly phrases: Phrases;
}

/** The first rule that has something to say says it. */
const RULES: readonly ((asked: Asked) => string | null)[] = [
  ({ text, phrases }) => {
    const name = nameIn(text);
    return name === null ? null : phrases.nameNoted(name);
  },
  ({ text, earlier, phrases }) => {
    if (!/\b(what(?:'s| is)|do you know|tell me) my name\b|ខ្ញុំឈ្មោះអ្វី/i.test(text)) return null;
    const name = earlier.map(nameIn).findLast((found) => found !== null) ?? null;
    return name === null ? phrases.nameUnknown : phrases.name(name);
  },
  ({ text, earlier, phrases }) => {
    if (!/\bfirst\b.*\b(say|said|ask|asked|write|wrote|message|question)\b|សារដំបូង/i.test(text))
      return null;
    return earlier[0] === undefined ? phrases.nothingBefore : phrases.first(quote(earlier[0]));
  },
  ({ text, earlier, phrases }) => {
    if (
      !/\b(did i|i just|i) (just )?(say|said|ask|asked|write|wrote)\b|\bbefore\b|មុននេះ/i.test(text)
    )
      return null;
    const last = earlier.at(-1);
    return last === undefined ? phrases.nothingBefore : phrases.before(quote(last));
  },
  ({ text, earlier, phrases }) =>
    /\bhow many (messages|questions)\b|ប៉ុន្មានសារ/i.test(text)
      ? phrases.count(earlier.length + 1)
      : null,
  ({ text, earlier, summary, phrases }) => {
    if (!/\bsum(marise|marize|mary)\b|សង្ខេប/i.test(text)) return null;
    const listed = earlier.length > 0 ? phrases.list(earlier.map(quote)) : phrases.nothingBefore;
    return [summary, listed].filter(Boolean).join(" ");
  },
  ({ text, phrases }) => sumIn(text, phrases),
  ({ text, phrases }) => (/\b(thanks|thank you)\b|អរគុណ/i.test(text) ? phrases.thanks : null),
  ({ text, phrases }) =>
    /^\s*(hi|hello|hey|good (morning|evening|afternoon))\b|សួស្តី|ជំរាបសួរ/i.test(text)
      ? `${phrases.hello} ${phrases.abilities}`
      : null,
  ({ text, phrases }) =>
    /\b(who|what) are you\b|\bcan you do\b|\bhelp\b|អ្នកជានរណា|ជួយ/i.test(text)
      ? `${phrases.introduction} ${phrases.abilities}`
      : null,
  ({ text, phrases }) => `${phrases.fallback(topicOf(text))} ${phrases.abilities}`,
];

/**
 * Talks by fixed rules, in English or Khmer, and says so. It uses nothing but the conversation: the same one always gets
 * the same answer, word by word. Needs no network.
 */
export class RuleBasedAssistant {
  /** @param wordMs Pause between two words. */
  constructor(private readonly wordMs = WORD_MS) {}

  /** Streams a reply. */
  async *reply(request: TalkRequest): AsyncGenerator<TalkPart> {
    for (const word of answerTo(request).match(/\s*\S+/g) ?? []) {
      request.signal.throwIfAborted();
      yield { text: word };
      await pause(this.wordMs, undefined, { signal: request.signal });
    }
    yield { ending: "COMPLETE" };
  }

  /** Lists what the user said. */
  summarize({ messages, summary }: SummaryRequest): Promise<string> {
    const said = messages.filter(({ role }) => role === "USER").map(({ text }) => quote(text));
    const phrases = PHRASES[languageOf(said.join(" "), "EN")];
    const listed = phrases.summary(said.slice(-MAX_SUMMARY_ITEMS));
    return Promise.resolve(summary === null ? listed : `${summary}\n${listed}`);
  }

  /** The first words of the question. */
  title({ question }: TitleRequest): Promise<string> {
    const words = question.trim().split(/\s+/).slice(0, MAX_TITLE_WORDS).join(" ");
    const title = words.replace(/[\p{P}\s]+$/u, "").slice(0, 50);
    return Promise.resolve(title === "" ? "" : `${title[0]?.toUpperCase() ?? ""}${title.slice(1)}`);
  }
}

function answerTo({ messages, summary, language }: TalkRequest): string {
  const questions = messages.filter(({ role }) => role === "USER").map(({ text }) => text);
  const text = questions.at(-1) ?? "";
  const phrases = PHRASES[languageOf(text, language)];
  const asked = { text, earlier: questions.slice(0, -1), messages, summary, phrases };
  const isFirst = questions.length <= 1 && summary === null;
  for (const rule of RULES) {
    const answer = rule(asked);
    if (answer === null) continue;
    const introduced = isFirst && !answer.includes(phrases.introduction);
    return introduced ? `${answer} ${phrases.introduction}` : answer;
  }
  return phrases.introduction;
}

/** The language of a text, by its letters; what it says by itself, else what the app is set to. */
function languageOf(text: string, fallback: "EN" | "KH"): "EN" | "KH" {
  if (KHMER_LETTER.test(text)) return "KH";
  return /[a-z]/i.test(text) ? "EN" : fallback;
}

function nameIn(text: string): string | null {
  return (
    /(?:\bmy name is|\bcall me|ខ្ញុំឈ្មោះ)\s+(?!អ្វី)([\p{L}\p{M}][\p{L}\p{M}'’-]{0,40})/iu.exec(
      text,
    )?.[1] ?? null
  );
}

function sumIn(text: string, phrases: Phrases): string | null {
  const [expression, left, sign, right] =
    /(-?\d{1,9}(?:\.\d{1,6})?)\s*([-+*x×/÷])\s*(-?\d{1,9}(?:\.\d{1,6})?)/.exec(text) ?? [];
  if (expression === undefined) return null;
  const [a, b] = [Number(left), Number(right)];
  if ((sign === "/" || sign === "÷") && b === 0) return null;
  const result =
    sign === "+" ? a + b : sign === "-" ? a - b : sign === "/" || sign === "÷" ? a / b : a * b;
  return phrases.sum(expression, String(Number(result.toPrecision(12))));
}

/** The longest words, which say most. */
function topicOf(text: string): string {
  const words = [...new Set(text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [])];
  const longest = words.toSorted((a, b) => b.length - a.length).slice(0, 3);
  return longest.length === 0
    ? "…"
    : words
        .filter((word) => longest.includes(word))
        .join(", ")
        .slice(0, MAX_QUOTE);
}

function quote(text: string): string {
  const flat = text.replaceAll(/\s+/g, " ").trim();
  const letters = Array.from(flat);
  return letters.length <= MAX_QUOTE ? flat : `${letters.slice(0, MAX_QUOTE).join("")}…`;
}
