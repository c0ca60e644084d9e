import { createHash } from "node:crypto";

/**
 * Names under which statements that are put together from parts are prepared. Only so many texts get one, the first that
 * are met: connections keep what they have prepared, whoever put it together.
 */
export class StatementNames {
  private readonly names = new Map<string, string>();

  /** @param domain What the names begin with. @param most Texts with a name. */
  constructor(
    private readonly domain: string,
    private readonly most = 250,
  ) {}

  /** The name of a text; undefined when it must not be prepared. */
  of(text: string): string | undefined {
    const known = this.names.get(text);
    if (known !== undefined || this.names.size >= this.most) return known;
    const hash = createHash("sha1").update(text).digest("base64url").slice(0, 16);
    const name = `${this.domain}.${hash}`;
    this.names.set(text, name);
    return name;
  }
}
