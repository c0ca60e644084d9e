/** One event of a stream: its data; or what stood at the end without being an event. */
export type StreamEvent =
  { readonly data: string } | { readonly rest: string; readonly data?: undefined };

const MAX_EVENT_LENGTH = 1024 * 1024;

/** An event is longer than any should be. */
export class EventTooLarge extends Error {}

/**
 * Reads server-sent events from bytes, wherever these are cut: inside a character, a line end or an event. Names and ids
 * of events are dropped. Text after the last event comes as `rest`: some servers put an error there.
 */
export async function* readEvents(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<StreamEvent, void> {
  const decoder = new TextDecoder();
  const reader = new EventReader();
  for await (const chunk of chunks) yield* reader.read(decoder.decode(chunk, { stream: true }));
  yield* reader.end(decoder.decode());
}

class EventReader {
  private line = "";
  private data: string[] = [];
  /** Lines since the last event that belong to none. */
  private stray: string[] = [];
  private length = 0;
  private endsWithReturn = false;

  *read(text: string): Generator<StreamEvent> {
    // A return at the end of a piece may be the first half of a line end.
    const joined = this.endsWithReturn && text.startsWith("\n") ? text.slice(1) : text;
    if (text !== "") this.endsWithReturn = text.endsWith("\r");
    const [first = "", ...others] = joined.split(/\r\n|\n|\r/);
    this.line += first;
    for (const next of others) {
      const event = this.take(this.line);
      if (event !== null) yield { data: event };
      this.line = next;
    }
    if (this.line.length + this.length > MAX_EVENT_LENGTH) throw new EventTooLarge();
  }

  *end(text: string): Generator<StreamEvent> {
    yield* this.read(text);
    const last = this.take(this.line);
    if (last !== null) yield { data: last };
    const rest = [...this.data, ...this.stray].join("\n").trim();
    if (rest !== "") yield { rest };
  }

  /** Takes a line; the data of an event that it ends, else null. */
  private take(line: string): string | null {
    if (line === "") {
      const event = this.data.length > 0 ? this.data.join("\n") : null;
      this.data = [];
      this.length = 0;
      return event;
    }
    this.length += line.length;
    if (line.startsWith("data:")) this.data.push(line.slice(5).replace(/^ /, ""));
    else if (!/^(:|event:|id:|retry:)/.test(line)) this.stray.push(line);
    return null;
  }
}
