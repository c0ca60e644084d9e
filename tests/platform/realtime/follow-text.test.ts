import { expect, test } from "@jest/globals";
import {
  followText,
  type TextFrame,
  type TextPosition,
  type TextReading,
} from "../../../src/platform/realtime/follow-text.ts";

/** A text that grows, and whoever follows it. */
class Growing {
  text = "";
  generation = 1;
  isFinal = false;
  isGone = false;
  failures = 0;
  private readonly listeners = new Set<() => void>();

  grow(text: string): void {
    this.text += text;
    this.nudge();
  }

  restart(): void {
    this.generation += 1;
    this.text = "";
    this.nudge();
  }

  nudge(): void {
    for (const listener of this.listeners) listener();
  }

  get listening(): number {
    return this.listeners.size;
  }

  follow(from: TextPosition = { generation: null, offset: 0 }) {
    return followText({
      from,
      retryMs: 5,
      listen: (onNudge) => {
        this.listeners.add(onNudge);
        return Promise.resolve(() => this.listeners.delete(onNudge));
      },
      read: (position) => {
        if (this.failures-- > 0) return Promise.reject(new Error("away"));
        return Promise.resolve(this.isGone ? null : this.beyond(position));
      },
    });
  }

  private beyond({ generation, offset }: TextPosition): TextReading {
    const continues = (generation ?? this.generation) === this.generation;
    const start = continues && offset <= this.text.length ? offset : 0;
    const { isFinal } = this;
    return { generation: this.generation, offset: start, text: this.text.slice(start), isFinal };
  }
}

test("the text so far comes first, then what is appended, then the end", async () => {
  const growing = new Growing();
  growing.text = "Hel";
  const frames = growing.follow();
  expect((await frames.next()).value).toEqual({ generation: 1, offset: 0, appended: "Hel" });
  const next = frames.next();
  growing.grow("lo");
  expect((await next).value).toEqual({ generation: 1, offset: 3, appended: "lo" });
  growing.isFinal = true;
  growing.nudge();
  expect((await frames.next()).value).toEqual({ generation: 1, offset: 5, appended: "" });
  expect(await frames.next()).toEqual({ done: true, value: undefined });
  expect(growing.listening).toBe(0);
});

test("a text that starts anew is sent from its beginning; one that is gone ends the stream", async () => {
  const growing = new Growing();
  growing.text = "wrong";
  const frames = growing.follow({ generation: 1, offset: 5 });
  expect((await frames.next()).value).toMatchObject({ offset: 5, appended: "" });
  growing.restart();
  expect((await frames.next()).value).toEqual({ generation: 2, offset: 0, appended: "" });
  growing.grow("right");
  expect((await frames.next()).value).toEqual({ generation: 2, offset: 0, appended: "right" });
  growing.isGone = true;
  growing.nudge();
  expect((await frames.next()).done).toBe(true);
});

test("nudges without news make no frames, a failed read is tried again, leaving ends at once", async () => {
  const growing = new Growing();
  growing.failures = 2;
  const frames = growing.follow();
  expect((await frames.next()).value).toMatchObject({ appended: "" });
  const waiting = frames.next();
  for (let index = 0; index < 10; index += 1) growing.nudge();
  await frames.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(growing.listening).toBe(0);
});

test("however fast it grows, there are at most 20 frames in any second", async () => {
  const growing = new Growing();
  const timer = setInterval(() => growing.grow("x"), 2);
  const times: number[] = [];
  const frames: TextFrame[] = [];
  setTimeout(() => {
    growing.isFinal = true;
    growing.nudge();
  }, 1_700);
  for await (const frame of growing.follow()) {
    times.push(performance.now());
    frames.push(frame);
  }
  clearInterval(timer);
  for (let index = 20; index < times.length; index += 1) {
    expect(times[index]! - times[index - 20]!).toBeGreaterThan(999);
  }
  expect(frames.length).toBeGreaterThan(20);
  expect(frames.map(({ appended }) => appended).join("")).toBe(growing.text);
});
