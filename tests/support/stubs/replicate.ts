import {
  standardWebhookHeaders,
  standardWebhookKey,
} from "../../../src/platform/crypto/webhook-signatures.ts";
import type { Stub, StubAnswer, StubRequest } from "./serve.ts";

export const STUB_REPLICATE = {
  token: "r8_stub-replicate-token",
  webhookSecret: "whsec_c3R1Yi1yZXBsaWNhdGUtc2VjcmV0LW9uZQ==",
};

const PAGE = 3;

/** What stands where a real answer has a portrait: a small brown JPEG. */
export const STYLED_PICTURE = Buffer.from(
  "/9j/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAYABgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFgEBAQEAAAAAAAAAAAAAAAAAAAQF/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8AnAM9eAAAAAA//9k=",
  "base64",
);

/** A run of the model as Replicate shows it. */
export interface StubPrediction {
  readonly id: string;
  readonly webhook: string;
  readonly created_at: string;
  status: string;
  output: string[] | null;
  error: string | null;
  completed_at: string | null;
}

/** What becomes of the predictions of one view from now on. */
export interface StubOutcome {
  /** "processing" until told otherwise; "succeeded" by default. */
  readonly status: string;
  readonly error?: string | null;
}

export interface ReplicateStub {
  readonly stub: Stub;
  /** All runs, oldest first. */
  predictions(): readonly StubPrediction[];
  /** Applies to the predictions of a view that were not asked about, and to later ones. */
  outcome(view: string, outcome: StubOutcome): void;
  /** Forgets runs and outcomes. */
  forget(): void;
}

export const viewOf = ({ webhook }: { webhook: string }): string =>
  new URL(webhook).searchParams.get("view") ?? "";

/** A webhook as Replicate signs it. */
export function replicateDelivery(
  prediction: StubPrediction,
  {
    id = `msg_${prediction.id}_${prediction.status}`,
    secret = STUB_REPLICATE.webhookSecret,
    at = new Date(),
  } = {},
): { body: string; headers: Record<string, string> } {
  const body = JSON.stringify(prediction);
  const signed = standardWebhookHeaders(id, Buffer.from(body), standardWebhookKey(secret), at);
  return { body, headers: { "content-type": "application/json", ...signed } };
}

/** Replicate's predictions of an official model. */
export function replicateStub(): ReplicateStub {
  let predictions: StubPrediction[] = [];
  let made = 0;
  const outcomes = new Map<string, StubOutcome>();

  function create({ json }: StubRequest): StubAnswer {
    const { input, webhook } = json ?? {};
    if (!input?.prompt || !Array.isArray(input.image_input) || !webhook) return failed(422);
    const prediction: StubPrediction = {
      id: `prd${++made}`,
      webhook,
      created_at: new Date().toISOString(),
      status: "starting",
      output: null,
      error: null,
      completed_at: null,
    };
    predictions.push(prediction);
    return { status: 201, body: prediction };
  }

  function ask(prediction: StubPrediction, origin: string): StubAnswer {
    const { status, error = null } = outcomes.get(viewOf(prediction)) ?? { status: "succeeded" };
    if (prediction.completed_at === null) {
      prediction.status = status;
      prediction.error = error;
      if (status === "succeeded") {
        prediction.output = [`${origin}/replicate/delivery/${prediction.id}.jpg`];
      }
      if (status !== "processing") prediction.completed_at = new Date().toISOString();
    }
    return { status: 200, body: prediction };
  }

  function list({ query, origin }: StubRequest): StubAnswer {
    const from = Number(query["cursor"] ?? 0);
    const results = [...predictions].reverse().slice(from, from + PAGE);
    const more = from + PAGE < predictions.length;
    const next = more ? `${origin}/replicate/v1/predictions?cursor=${from + PAGE}` : null;
    return { status: 200, body: { previous: null, next, results } };
  }

  return {
    predictions: () => predictions,
    outcome: (view, outcome) => void outcomes.set(view, outcome),
    forget: () => {
      predictions = [];
      outcomes.clear();
    },
    stub: {
      provider: "replicate",
      error: failed,
      handle(request) {
        const { method, path, headers, origin } = request;
        if (method === "GET" && path.startsWith("/delivery/")) {
          if (headers["authorization"]) return failed(400);
          return { status: 200, body: STYLED_PICTURE, headers: { "content-type": "image/jpeg" } };
        }
        if (headers["authorization"] !== `Bearer ${STUB_REPLICATE.token}`) return failed(401);
        if (method === "POST" && path === "/v1/models/bytedance/seedream-4/predictions") {
          return create(request);
        }
        if (method === "GET" && path === "/v1/predictions") return list(request);
        const [, id, cancels] = /^\/v1\/predictions\/(\w+)(\/cancel)?$/.exec(path) ?? [];
        const prediction = predictions.find((one) => one.id === id);
        if (!prediction) return failed(404);
        if (method === "GET") return ask(prediction, origin);
        if (!cancels) return failed(404);
        prediction.status = "canceled";
        prediction.completed_at ??= new Date().toISOString();
        return { status: 200, body: prediction };
      },
    },
  };
}

const TITLES: Readonly<Record<number, string>> = {
  401: "Unauthenticated",
  402: "Insufficient credit",
  422: "Input validation failed",
};

const failed = (status: number): StubAnswer => ({
  status,
  body: { title: TITLES[status], detail: `Stubbed ${status}`, status },
});
