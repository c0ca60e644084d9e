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
export class EventReader {
  private readonly decoder = new TextDecoder();
  private line = "";
  private data: string[] = [];
  /** Lines since the last event that belong to none. */
  private stray: string[] = [];
  private length = 0;
  private endsWithReturn = false;

  /** The events that end in these bytes. @throws EventTooLarge */
  read(bytes: Uint8Array): StreamEvent[] {
    return this.readText(this.decoder.decode(bytes, { stream: true }));
  }

  /** What is left when no more bytes come. @throws EventTooLarge */
  end(): StreamEvent[] {
    const events = this.readText(this.decoder.decode());
    const last = this.take(this.line);
    if (last !== null) events.push({ data: last });
    const rest = [...this.data, ...this.stray].join("\n").trim();
    if (rest !== "") events.push({ rest });
    return events;
  }

  private readText(text: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    // A return at the end of a piece may be the first half of a line end.
    const joined = this.endsWithReturn && text.startsWith("\n") ? text.slice(1) : text;
    if (text !== "") this.endsWithReturn = text.endsWith("\r");
    const [first = "", ...others] = joined.split(/\r\n|\n|\r/);
    this.line += first;
    for (const next of others) {
      const event = this.take(this.line);
      if (event !== null) events.push({ data: event });
      this.line = next;
    }
    if (this.line.length + this.length > MAX_EVENT_LENGTH) throw new EventTooLarge();
    return events;
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
