import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import {
  ViewerEventsDocument,
  type ViewerEventsSubscription,
} from "../../src/client/generated/graphql.ts";
import type { FacetClient } from "../../src/client/index.ts";
import { until } from "../support/until.ts";

type FeedEvent = ViewerEventsSubscription["viewerEvents"];

/** A screen of an app that shows one query and is kept up to date by the feed alone. */
export interface LiveScreen<Data> {
  /** Waits until the screen shows something. */
  shows(holds: (data: Data) => boolean): Promise<Data>;
  /** What the feed has brought so far. */
  readonly events: readonly FeedEvent[];
  /** Requests over HTTP since the screen was first filled. */
  requests(): number;
}

/** Counts what goes over HTTP. */
export function countingFetch(): { fetch: typeof globalThis.fetch; count(): number } {
  let count = 0;
  return {
    count: () => count,
    fetch: (...call) => {
      count += 1;
      return globalThis.fetch(...call);
    },
  };
}

/** Fills a screen once, and from then on lets only the feed and the cache change it. */
export async function openScreen<Data>(
  { apollo }: FacetClient,
  query: TypedDocumentNode<Data, Record<string, never>>,
  counter: { count(): number },
): Promise<LiveScreen<Data>> {
  const events: FeedEvent[] = [];
  let shown: Data | undefined;
  let fault: Error | null = null;
  apollo.watchQuery({ query, fetchPolicy: "cache-first" }).subscribe(({ data, dataState }) => {
    if (dataState === "complete") shown = data;
  });
  apollo.subscribe({ query: ViewerEventsDocument, variables: { after: 0 } }).subscribe({
    next: ({ data, error }) => {
      if (error) fault = new Error(error.message);
      if (data) events.push(data.viewerEvents);
    },
    error: (error: Error) => {
      fault = error;
    },
  });
  const shows = async (holds: (data: Data) => boolean): Promise<Data> => {
    await until(
      () => {
        if (fault) throw fault;
        return shown;
      },
      (data) => data !== undefined && holds(data),
    );
    return shown as Data;
  };
  await shows(() => true);
  const before = counter.count();
  return { shows, events, requests: () => counter.count() - before };
}
