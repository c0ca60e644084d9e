import { describe, expect, test } from "@jest/globals";
import { openAiResponse, QUOTA_GONE, type Stubs } from "../support/stubs/index.ts";
import { everyFault, failure, nobody } from "./faults.ts";

export const API_KEY = "sk-secret-key-of-openai";

/** A call that wants JSON of one shape. */
export interface JsonCall {
  ask(change: { baseUrl?: string; timeoutMs?: number; signal?: AbortSignal }): Promise<unknown>;
  /** JSON that is not of this shape, and the beginning of one that might have been. */
  readonly otherShape: string;
  readonly half: string;
}

const rejected = ["refused_input", "PROVIDER_REJECTED"] as const;
const badAnswer = ["unknown", "PROVIDER_BAD_ANSWER"] as const;
const failed = (errorCode: string) => ({ status: "failed", errorCode });
const incomplete = (reason: string) => ({ status: "incomplete", reason });

/** Declares what has to become of everything that can go wrong with such a call. */
export function testFaults(stubs: () => Stubs, { ask, otherShape, half }: JsonCall): void {
  describe("faults", () => {
    test.each(everyFault("unknown"))("$name", async ({ behaviour, expected }) => {
      stubs().script("openai", { ...behaviour, times: 5 });
      const error = await failure(ask({}), [API_KEY, "sk-"]);
      expect(error).toMatchObject(expected);
      expect(stubs().requests("openai").length).toBeLessThanOrEqual(1);
    });

    test("nobody listens: certainly not sent", async () => {
      const error = await failure(ask({ baseUrl: `${await nobody()}/v1` }), [API_KEY]);
      expect(error).toMatchObject({ outcome: "retryable", code: "PROVIDER_UNAVAILABLE" });
    });

    test("an exhausted quota is a 429 that needs an operator, and is asked once", async () => {
      stubs().script("openai", { ...QUOTA_GONE, times: 5 });
      const error = await failure(ask({}), [API_KEY]);
      expect(error).toMatchObject({ outcome: "misconfigured", status: 429 });
      expect(stubs().requests("openai")).toHaveLength(1);
    });

    test.each([
      ["a refusal", { refusal: "I cannot help with that." }, ...rejected],
      ["a content filter", incomplete("content_filter"), ...rejected],
      [
        "the token limit",
        { ...incomplete("max_output_tokens"), text: half },
        "misconfigured",
        "PROVIDER_BAD_ANSWER",
      ],
      ["a failure inside", failed("server_error"), "retryable", "PROVIDER_UNAVAILABLE"],
      ["a refused prompt", failed("invalid_prompt"), ...rejected],
      ["JSON of another shape", { text: otherShape }, ...badAnswer],
      ["half of the JSON", { text: half }, ...badAnswer],
      ["no text at all", { text: "" }, ...badAnswer],
      ["an answer that is not finished", { status: "in_progress" }, ...badAnswer],
    ])("status 200 with %s", async (_name, body, outcome, code) => {
      stubs().script("openai", { status: 200, body: openAiResponse(body) });
      expect(await failure(ask({}), [API_KEY])).toMatchObject({ outcome, code });
    });
  });

  test("a cancelled job ends the call at once with its own reason", async () => {
    stubs().script("openai", { delayMs: 5_000 });
    const stop = new AbortController();
    const reason = new Error("canceled by the user");
    const asking = ask({ timeoutMs: 10_000, signal: stop.signal });
    setTimeout(() => stop.abort(reason), 20);
    await expect(asking).rejects.toBe(reason);
  });
}
