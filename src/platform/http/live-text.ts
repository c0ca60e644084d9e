import { PROVIDER_CODES, ProviderError } from "../resilience/provider-error.ts";
import type { ProviderGuard } from "../resilience/guard.ts";
import { EventReader, EventTooLarge, type StreamEvent } from "./event-stream.ts";

/** What one event of a stream says. */
export interface LiveSaid {
  readonly text: string;
  /** Null as long as more is to come. */
  readonly ending: "COMPLETE" | "LENGTH" | null;
  /** Set when the answer failed here. */
  readonly error: ProviderError | null;
}

/** A piece of text, or how the text ended. */
export type LivePart =
  { readonly text: string } | { readonly ending: "COMPLETE" | "LENGTH"; readonly text?: undefined };

/** Understands the events of one stream, in order. */
export interface LiveReader {
  read(event: StreamEvent): LiveSaid;
  /** What it means that the stream ends here: its last event has not come. */
  cut(): ProviderError;
}

export interface LiveTextOptions {
  readonly guard: ProviderGuard;
  /** Names the call in metrics. */
  readonly operation: string;
  /** Time limit until the first text, with everything before it. */
  readonly firstTextMs: number;
  /** Longest silence after that. */
  readonly idleMs: number;
  /** Sends the request; the signal also ends the body of the answer. */
  readonly open: (signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;
  readonly reader: LiveReader;
  readonly faults: {
    /** No text came in time. */
    silent(): ProviderError;
    /** Nothing comes any more. */
    stalled(): ProviderError;
    /** An event that cannot be one. */
    malformed(): ProviderError;
  };
  readonly signal: AbortSignal;
}

/**
 * Text of a model, as it is written. The guard has a place taken until the first text only. Nothing is repeated; a stream
 * without its last event is no answer. Whoever stops listening hangs up.
 * @throws ProviderError, or the signal's reason
 */
export async function* liveText(options: LiveTextOptions): AsyncGenerator<LivePart> {
  const hangUp = new AbortController();
  const patience = new Patience(options.idleMs, () => {
    hangUp.abort();
  });
  try {
    const { speech, first } = await begin(options, hangUp);
    for (let said = first; ; said = await next(options, speech, patience)) {
      if (said.text !== "") yield { text: said.text };
      if (said.error) throw said.error;
      if (said.ending) {
        yield { ending: said.ending };
        return;
      }
    }
  } finally {
    patience.end();
    hangUp.abort();
  }
}

async function begin(
  options: LiveTextOptions,
  hangUp: AbortController,
): Promise<{ speech: Speech; first: LiveSaid }> {
  const { guard, operation, firstTextMs, signal, faults, open } = options;
  const both = AbortSignal.any([signal, hangUp.signal]);
  // Repeatable: what was said twice costs little, and is shown once.
  const call = { operation, repeatable: true, retries: 0, timeoutMs: firstTextMs, signal };
  return guard
    .run(call, async (limit) => {
      limit.addEventListener("abort", () => {
        hangUp.abort(limit.reason);
      });
      const speech = new Speech(options, await open(both));
      return { speech, first: await firstText(speech) };
    })
    .catch((error: unknown) => {
      const isLate = error instanceof ProviderError && error.code === PROVIDER_CODES.timeout;
      throw isLate ? faults.silent() : error;
    });
}

/** Reads past what comes before the text. */
async function firstText(speech: Speech): Promise<LiveSaid> {
  for (;;) {
    const said = await speech.next();
    if (said.error) throw said.error;
    if (said.text !== "" || said.ending) return said;
  }
}

async function next(
  { signal, reader, faults }: LiveTextOptions,
  speech: Speech,
  patience: Patience,
): Promise<LiveSaid> {
  patience.start();
  try {
    return await speech.next();
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (patience.isOver) throw faults.stalled();
    const isBroken = error instanceof ProviderError && error.code === PROVIDER_CODES.unavailable;
    throw isBroken ? reader.cut() : error;
  } finally {
    patience.stop();
  }
}

/** What the events in the body of an answer say, one after the other. */
class Speech {
  private readonly pieces: AsyncIterator<Uint8Array>;
  private readonly events = new EventReader();
  private heard: StreamEvent[] = [];
  private hasEnded = false;

  constructor(
    private readonly options: LiveTextOptions,
    body: AsyncIterable<Uint8Array>,
  ) {
    this.pieces = body[Symbol.asyncIterator]();
  }

  async next(): Promise<LiveSaid> {
    const { reader } = this.options;
    for (;;) {
      const event = this.heard.shift();
      if (event) return reader.read(event);
      if (this.hasEnded) throw reader.cut();
      const piece = await this.pieces.next();
      this.hasEnded = piece.done === true;
      this.heard = this.eventsIn(piece);
    }
  }

  private eventsIn(piece: IteratorResult<Uint8Array, unknown>): StreamEvent[] {
    try {
      return piece.done === true ? this.events.end() : this.events.read(piece.value);
    } catch (error) {
      throw error instanceof EventTooLarge ? this.options.faults.malformed() : error;
    }
  }
}

/** Ends when it has been waited for longer than it lasts. One timer for all: it starts anew with each piece of a text. */
class Patience {
  isOver = false;
  private isWaiting = false;
  private readonly timer: NodeJS.Timeout;

  constructor(ms: number, onOver: () => void) {
    this.timer = setTimeout(() => {
      if (!this.isWaiting) return;
      this.isOver = true;
      onOver();
    }, ms);
  }

  start(): void {
    this.isWaiting = true;
    this.timer.refresh();
  }

  stop(): void {
    this.isWaiting = false;
  }

  end(): void {
    clearTimeout(this.timer);
  }
}
