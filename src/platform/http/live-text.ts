import { PROVIDER_CODES, ProviderError } from "../resilience/provider-error.ts";
import type { ProviderGuard } from "../resilience/guard.ts";
import { EventTooLarge, readEvents, type StreamEvent } from "./event-stream.ts";

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

type Events = AsyncGenerator<StreamEvent, void>;

/**
 * Text of a model, as it is written. The guard has a place taken until the first text only. Nothing is repeated; a stream
 * without its last event is no answer. Whoever stops listening hangs up.
 * @throws ProviderError, or the signal's reason
 */
export async function* liveText(options: LiveTextOptions): AsyncGenerator<LivePart> {
  const hangUp = new AbortController();
  try {
    const { events, first } = await begin(options, hangUp);
    for (let said = first; ; said = await next(options, events, hangUp)) {
      if (said.text !== "") yield { text: said.text };
      if (said.error) throw said.error;
      if (said.ending) {
        yield { ending: said.ending };
        return;
      }
    }
  } finally {
    hangUp.abort();
  }
}

async function begin(
  options: LiveTextOptions,
  hangUp: AbortController,
): Promise<{ events: Events; first: LiveSaid }> {
  const { guard, operation, firstTextMs, signal, faults, open } = options;
  const both = AbortSignal.any([signal, hangUp.signal]);
  // Repeatable: what was said twice costs little, and is shown once.
  const call = { operation, repeatable: true, retries: 0, timeoutMs: firstTextMs, signal };
  return guard
    .run(call, async (limit) => {
      limit.addEventListener("abort", () => {
        hangUp.abort(limit.reason);
      });
      const events = readEvents(await open(both));
      return { events, first: await firstText(options, events) };
    })
    .catch((error: unknown) => {
      const isLate = error instanceof ProviderError && error.code === PROVIDER_CODES.timeout;
      throw isLate ? faults.silent() : error;
    });
}

/** Reads past what comes before the text. */
async function firstText(options: LiveTextOptions, events: Events): Promise<LiveSaid> {
  for (;;) {
    const said = await read(options, events);
    if (said.error) throw said.error;
    if (said.text !== "" || said.ending) return said;
  }
}

async function next(
  options: LiveTextOptions,
  events: Events,
  hangUp: AbortController,
): Promise<LiveSaid> {
  const { idleMs, signal, reader, faults } = options;
  const stalled = setTimeout(() => {
    hangUp.abort();
  }, idleMs);
  try {
    return await read(options, events);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (hangUp.signal.aborted) throw faults.stalled();
    const isBroken = error instanceof ProviderError && error.code === PROVIDER_CODES.unavailable;
    throw isBroken ? reader.cut() : error;
  } finally {
    clearTimeout(stalled);
  }
}

async function read({ reader, faults }: LiveTextOptions, events: Events): Promise<LiveSaid> {
  const event = await events.next().catch((error: unknown) => {
    throw error instanceof EventTooLarge ? faults.malformed() : error;
  });
  if (event.done === true) throw reader.cut();
  return reader.read(event.value);
}
