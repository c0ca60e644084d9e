/** What a search looks for: every word and every run of Khmer letters has to be found. */
export interface SearchTerms {
  /** Latin and other spaced words in lower case. */
  readonly words: readonly string[];
  /** Runs of Khmer letters, which have no spaces between words. */
  readonly khmer: readonly string[];
}

/** Characters of a search at most. */
export const MAX_SEARCH_LENGTH = 200;

const MOST_WORDS = 8;
const LONGEST_WORD = 40;
const INVISIBLE = /[\u200B-\u200D\uFEFF]/g;
const RUNS = /[\u1780-\u17FF]+|(?:(?![\u1780-\u17FF])[\p{L}\p{N}\p{M}])+/gu;

/** The terms of a search text; nothing else of it reaches the database. Both lists are empty when nothing can be found. */
export function searchTermsOf(text: string): SearchTerms {
  const runs = text.normalize("NFC").replace(INVISIBLE, "").toLowerCase().match(RUNS) ?? [];
  const terms = [...new Set(runs)].slice(0, MOST_WORDS).map((run) => run.slice(0, LONGEST_WORD));
  const isKhmer = (term: string) => /^[\u1780-\u17FF]/.test(term);
  return { words: terms.filter((term) => !isKhmer(term)), khmer: terms.filter(isKhmer) };
}

/** The letters and pairs of letters of a run of Khmer, as the column `search_grams` holds them. */
export function gramsOf(run: string): string[] {
  const letters = [...run];
  if (letters.length === 1) return letters;
  return [...new Set(letters.slice(1).map((letter, index) => `${letters[index]}${letter}`))];
}
