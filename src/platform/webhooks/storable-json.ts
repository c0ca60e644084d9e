const ESCAPES =
  /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|u0000|.)/gs;
const UNSTORABLE = /^\\u(?:0000|[dD].{3})$/;

/**
 * JSON text that PostgreSQL can keep as jsonb: escaped zero bytes and halves of surrogate pairs become U+FFFD,
 * everything else stays as it is.
 * @throws TypeError when the bytes are not UTF-8
 */
export function storableJson(body: Buffer): string {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
  return text.replaceAll(ESCAPES, (escape) => (UNSTORABLE.test(escape) ? "\\ufffd" : escape));
}
