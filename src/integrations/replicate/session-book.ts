import { sessionSchema, type Work } from "./replicate-wire.ts";
import type { StylingRequest, View } from "./styling.ts";

/** What is known of the work on all views of a job; every change is stored before it is relied on. */
export class SessionBook {
  private readonly views: Partial<Record<View, Work>>;
  /** The next write, while it waits for the last one. */
  private next: Promise<void> | null = null;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly request: Pick<StylingRequest, "session" | "saveSession">) {
    const { session } = request;
    this.views = session === null ? {} : sessionSchema.parse(JSON.parse(session)).views;
  }

  of(view: View): Work {
    return this.views[view] ?? { step: "NONE", tries: 0 };
  }

  /** Resolves once it is stored, together with what others have changed meanwhile. */
  set(view: View, work: Work): Promise<void> {
    this.views[view] = work;
    if (this.next) return this.next;
    const write = this.last
      .catch(() => undefined)
      .then(() => {
        this.next = null;
        return this.request.saveSession(JSON.stringify({ views: this.views }));
      });
    this.next = write;
    this.last = write;
    return write;
  }
}
