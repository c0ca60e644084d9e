/** One event of `chatReplyStreamed`, as far as the text is concerned. */
export interface ReplyTextFrame {
  readonly generation: number;
  /** Where `appended` begins, in UTF-16 code units, which is what `length` of a string counts. */
  readonly offset: number;
  readonly appended: string;
}

/**
 * The text of a reply while it is written, put together from the frames of `chatReplyStreamed`. It is right whatever was
 * lost or came twice: a frame says where it belongs, and may take text back when the work was begun anew.
 */
export class ReplyText {
  private generation: number | null = null;
  private current = "";

  /** @param known What the app has already, such as from `ChatReply { content generation }`. */
  constructor(known?: { readonly content: string; readonly generation: number }) {
    if (!known) return;
    this.generation = known.generation;
    this.current = known.content;
  }

  /** The text so far. */
  get text(): string {
    return this.current;
  }

  /** The variables `fromOffset` and `generation` that a subscription goes on from here with. */
  get position(): { fromOffset: number; generation: number | null } {
    return { fromOffset: this.current.length, generation: this.generation };
  }

  /** Takes a frame; the text with it. A frame of an earlier generation, or one beyond a gap, changes nothing. */
  add({ generation, offset, appended }: ReplyTextFrame): string {
    const isOld = this.generation !== null && generation < this.generation;
    if (isOld || offset > this.current.length) return this.current;
    this.generation = generation;
    this.current = this.current.slice(0, offset) + appended;
    return this.current;
  }
}
