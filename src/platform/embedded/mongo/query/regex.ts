import { BSONRegExp } from "bson";
import { badValue, unsupported } from "../fault.ts";

/**
 * A JavaScript pattern with the meaning that MongoDB's PCRE gives it, for the constructs where the two
 * differ silently: `$` before a last line break, `.`, and `\s`. The u flag makes JavaScript refuse
 * escapes it does not know, instead of reading \A as "A". What has no equal in JavaScript is refused.
 */
export function compileRegex(regex: BSONRegExp): RegExp {
  const { pattern, options } = regex;
  for (const option of options) {
    if (!"imsu".includes(option)) throw unsupported(`the regex option "${option}"`);
  }
  const multiline = options.includes("m");
  const dotAll = options.includes("s");
  try {
    const flags = `u${options.includes("i") ? "i" : ""}${dotAll ? "s" : ""}`;
    return new RegExp(translate(pattern, multiline, dotAll), flags);
  } catch (cause) {
    throw badValue(`the regex /${pattern}/ cannot be used: ${(cause as Error).message}`);
  }
}

const LINE_START = "(?<![^\\n])";
const LINE_END = "(?![^\\n])";
const TEXT_END = "(?=\\n?(?![\\s\\S]))";
const SPACE = " \\t\\n\\v\\f\\r";

function translate(pattern: string, multiline: boolean, dotAll: boolean): string {
  let out = "";
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    if (char === "\\") {
      out += translateEscape(pattern.charAt(++i), inClass);
    } else if (inClass) {
      if (char === "[" && /[:.=]/.test(pattern.charAt(i + 1))) throw new Error("POSIX class");
      inClass = char !== "]";
      out += char === "[" ? "\\[" : char;
    } else {
      inClass = char === "[";
      if (inClass && /^\[\^?\]/.test(pattern.slice(i))) throw new Error("] first in a class");
      out += translatePlain(char, multiline, dotAll);
    }
  }
  return out;
}

function translatePlain(char: string, multiline: boolean, dotAll: boolean): string {
  if (char === "$") return multiline ? LINE_END : TEXT_END;
  if (char === "^" && multiline) return LINE_START;
  if (char === "." && !dotAll) return "[^\\n]";
  return char;
}

/** Escapes that mean the same in both languages; all others must be plain punctuation. */
const KNOWN_ESCAPES = /[dDwWbBntrfvx0-9.*+?^${}()|[\]\\/]/;

function translateEscape(char: string, inClass: boolean): string {
  if (char === "s") return inClass ? SPACE : `[${SPACE}]`;
  if (char === "S") {
    if (inClass) throw new Error("\\S inside a class");
    return `[^${SPACE}]`;
  }
  if (KNOWN_ESCAPES.test(char)) return `\\${char}`;
  if (/[A-Za-z]/.test(char) || char === "") throw new Error(`the escape \\${char}`);
  return char === "-" && inClass ? "\\-" : char;
}
