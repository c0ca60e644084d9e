import pg from "pg";

const { builtins, getTypeParser } = pg.types;

/**
 * For reads whose times go straight into answers: `timestamptz` becomes the text that GraphQL's `DateTime` shows, such as
 * "2026-11-21T18:04:05.250Z". A `Date` for each, and a text of that again, costs more than all the rest of a row.
 * Other types are read as usual.
 */
export const TIMES_AS_TEXT: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text") =>
    oid === builtins.TIMESTAMPTZ && format !== ("binary" as string)
      ? isoTimeOf
      : getTypeParser(oid, format)) as typeof getTypeParser,
};

/**
 * A time as PostgreSQL writes it, as ISO 8601 in UTC; microseconds are cut off, as a `Date` would.
 * @param text In the style ISO of `DateStyle`, in whatever time zone the session has
 */
export function isoTimeOf(text: string): string {
  // "2026-11-21 18:04:05.25+00"
  if (text.length >= 22 && text.charCodeAt(10) === SPACE && text.endsWith("+00")) {
    const fraction =
      text.charCodeAt(19) === POINT ? text.slice(20, Math.min(23, text.length - 3)) : "";
    return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction.padEnd(3, "0")}Z`;
  }
  const time: unknown = getTypeParser(builtins.TIMESTAMPTZ)(text);
  return time instanceof Date ? time.toISOString() : text;
}

const SPACE = " ".charCodeAt(0);
const POINT = ".".charCodeAt(0);
