/** The stores that live in the thread. */
export type StoreName = "mongo" | "redis";

/** What the thread is started with. */
export interface ThreadTask {
  readonly dataDir: string;
  readonly stores: readonly StoreName[];
}

/** What the thread tells. */
export type ThreadMessage =
  | { readonly say: "ready"; readonly urls: Partial<Record<StoreName, string>> }
  | { readonly say: "progress"; readonly step: string }
  | { readonly say: "log"; readonly level: "info" | "warn" | "error"; readonly text: string }
  | { readonly say: "stopped" };

/** The only thing that is told to the thread. */
export const STOP = "stop";
