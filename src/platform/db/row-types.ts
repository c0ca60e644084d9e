import pg from "pg";

type Parser = (text: string) => unknown;

const TIMESTAMPTZ: number = pg.types.builtins.TIMESTAMPTZ;
const parserOf = pg.types.getTypeParser as (type: number, format?: string) => Parser;

/**
 * For reads whose times go straight into answers: `timestamptz` becomes the text that GraphQL's `DateTime` shows, such as
 * "2026-11-21T18:04:05.250Z". A `Date` for each, and a text of that again, costs more than all the rest of a row.
 * Other types are read as usual.
 */
export const TIMES_AS_TEXT: pg.CustomTypesConfig = {
  getTypeParser: (type: number, format?: string): Parser =>
    type === TIMESTAMPTZ && format !== "binary" ? isoTimeOf : parserOf(type, format),
};

/**
 * A time as PostgreSQL writes it, as ISO 8601 in UTC; microseconds are cut off, as a `Date` would.
 * @param text In the style ISO of `DateStyle`, in whatever time zone the session has
 */
export function isoTimeOf(text: string): string {
  // "2026-11-21 18:04:05.25+00"
  if (text.length >= 22 && text.charCodeAt(10) === SPACE && text.endsWith("+00")) {
    const hasFraction = text.charCodeAt(19) === POINT;
    const fraction = hasFraction ? text.slice(20, Math.min(23, text.length - 3)) : "";
    return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction.padEnd(3, "0")}Z`;
  }
  const time = parserOf(TIMESTAMPTZ)(text);
  return time instanceof Date ? time.toISOString() : text;
}

const SPACE = " ".charCodeAt(0);
const POINT = ".".charCodeAt(0);
