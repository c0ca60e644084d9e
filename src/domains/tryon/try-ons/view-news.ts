import type { Nudges } from "../../../platform/realtime/nudges.ts";
import type { HairView } from "./try-on.vocabulary.ts";

/** The topic that is nudged when a webhook reported on a view. */
export const viewTopic = (jobId: string, view: string): string => `try-on:${jobId}:${view}`;

/** Hears, in whatever process a webhook comes in, that there is news about the views of one job. */
export class ViewNews {
  /** Views with news that nobody waited for when it came. */
  private readonly unheard = new Set<HairView>();
  private readonly waiting = new Map<HairView, () => void>();
  private stops: (() => void)[] = [];

  /** Begins to listen. Close the result. */
  static async open(nudges: Nudges, jobId: string, views: readonly HairView[]): Promise<ViewNews> {
    const news = new ViewNews();
    news.stops = await Promise.all(
      views.map((view) =>
        nudges.listen(viewTopic(jobId, view), () => {
          news.tell(view);
        }),
      ),
    );
    return news;
  }

  /** Resolves when there is news about the view, or after so many milliseconds. @throws the signal's reason */
  async wait(view: HairView, atMostMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.unheard.delete(view)) return;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const done = () => {
      resolve(undefined);
    };
    const aborted = () => {
      reject(signal.reason as Error);
    };
    const timer = setTimeout(done, atMostMs);
    this.waiting.set(view, done);
    signal.addEventListener("abort", aborted, { once: true });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
      if (this.waiting.get(view) === done) this.waiting.delete(view);
    }
  }

  close(): void {
    for (const stop of this.stops) stop();
  }

  private tell(view: HairView): void {
    const waiting = this.waiting.get(view);
    if (waiting) waiting();
    else this.unheard.add(view);
  }
}
