import { z } from "zod";

/** A webhook on its way to us, in the form of the store that it stands for. */
export const wireEventSchema = z.object({
  provider: z.enum(["stripe", "dodo", "revenuecat"]),
  /** The store's id of the event. */
  id: z.string(),
  /** Milliseconds; events are sent in this order. */
  at: z.number().int(),
  /** Of events of one time. */
  place: z.number().int(),
  payload: z.unknown(),
});

export type WireEvent = z.infer<typeof wireEventSchema>;

/** Gives events of one action their places. */
export const inOrder = (events: readonly Omit<WireEvent, "place">[]): WireEvent[] =>
  events.map((event, place) => ({ ...event, place }));

/** Whole seconds since 1970. */
export const seconds = (ms: number): number => Math.floor(ms / 1000);
