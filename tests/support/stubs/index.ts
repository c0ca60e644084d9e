import { brevoStub } from "./brevo.ts";
import { isStubProvider, StubControl } from "./control.ts";
import type { Behaviour, SeenRequest, StubProvider } from "./control.ts";
import { dashScopeStub, STICKER_FILM, STUB_DASHSCOPE } from "./dashscope.ts";
import { dodoStub, STUB_DODO, type DodoStub } from "./dodo.ts";
import { fcmStub, type FcmStub } from "./fcm.ts";
import { geminiStub } from "./gemini.ts";
import { googleStub, STUB_GOOGLE, type GoogleStub } from "./google.ts";
import { nacosStub, STUB_NACOS, type NacosStub } from "./nacos.ts";
import { openAiStub } from "./openai.ts";
import { orboStub } from "./orbo.ts";
import { perplexityStub } from "./perplexity.ts";
import { replicateStub, type ReplicateStub } from "./replicate.ts";
import { revenueCatStub, STUB_REVENUECAT, type RevenueCatStub } from "./revenuecat.ts";
import { s3Stub } from "./s3.ts";
import { serve, type Stub, type StubAnswer, type StubRequest } from "./serve.ts";
import { STUB_STRIPE, stripeStub, type StripeStub } from "./stripe.ts";
import { STUB_TWILIO, twilioStub } from "./twilio.ts";

export type { Behaviour, SeenRequest, StubProvider } from "./control.ts";
export { dodoPayment } from "./dodo.ts";
export { FCM_DEVICES, fcmError, payloadFault, STUB_FCM } from "./fcm.ts";
export { openAiResponse, QUOTA_GONE } from "./openai.ts";
export { openAiEvents, openAiStream } from "./openai-talk.ts";
export { BAD_KEY, geminiChunk, geminiStream } from "./gemini.ts";
export { perplexityAnswer } from "./perplexity.ts";
export { replicateDelivery, STUB_REPLICATE, STYLED_PICTURE, viewOf } from "./replicate.ts";
export { revenueCatDelivery, revenueCatEvent } from "./revenuecat.ts";
export { STUB_S3 } from "./s3.ts";
export {
  deliverStripe,
  stripeEvent,
  stripeInvoice,
  stripeSession,
  stripeSubscription,
} from "./stripe.ts";
export { STICKER_FILM, STUB_DASHSCOPE };
export { STUB_DODO, STUB_GOOGLE, STUB_NACOS, STUB_REVENUECAT, STUB_STRIPE, STUB_TWILIO };

export interface Stubs {
  /** Base of all but S3; the providers stand below /orbo, /openai/v1, /perplexity/v1, /brevo/v3, /twilio, /google, /nacos, /fcm, /revenuecat, /dashscope/api/v1, /replicate/v1. */
  url: string;
  /** Endpoint of S3, path style; STUB_S3 holds its keys. */
  s3Url: string;
  /** Base of Stripe, whose paths take no prefix. */
  stripeUrl: string;
  /** Who signs in at Google, and tokens as its apps get them. */
  google: Pick<GoogleStub, "person" | "idToken">;
  /** The service account of FCM and its access. */
  fcm: Omit<FcmStub, "stub" | "serviceAccount"> & { readonly serviceAccount: string };
  /** The documents of Nacos and the tokens that it gave. */
  nacos: Omit<NacosStub, "stub">;
  /** What the image model was asked, and what becomes of it. */
  replicate: Omit<ReplicateStub, "stub">;
  /** What buyers have in the stores of phones. */
  revenueCat: Omit<RevenueCatStub, "stub">;
  /** Who pays on the pages of Dodo. */
  dodo: Pick<DodoStub, "pay">;
  /** Who pays on the pages of Stripe, and what it says of subscriptions. */
  stripe: Omit<StripeStub, "stub">;
  /** Queues deviations; each applies to the next requests that it matches. */
  script(provider: StubProvider, ...behaviours: Behaviour[]): void;
  /** What the provider was asked so far, oldest first. */
  requests(provider: StubProvider): SeenRequest[];
  /** Forgets scripts and logs. */
  reset(): void;
  close(): Promise<void>;
}

export interface StubOptions {
  /** Default: a free one. */
  port?: number;
  s3Port?: number;
  /** How often DashScope says that a task is not done. Default 1. */
  dashScopePolls?: number;
  /** How often ORBO says "not ready" to a session. Default 2. */
  orboPolls?: number;
}

/** Starts stub servers of all providers. The control plane is below `/__stub/`. */
export async function startStubs(options: StubOptions = {}): Promise<Stubs> {
  const control = new StubControl();
  const google = await googleStub();
  const nacos = nacosStub();
  const fcm = await fcmStub();
  const dodo = dodoStub();
  const revenueCat = revenueCatStub();
  const replicate = replicateStub();
  const stubs: [prefix: string, stub: Stub][] = [
    ["/orbo", orboStub(options.orboPolls ?? 2)],
    ["/openai", openAiStub()],
    ["/perplexity", perplexityStub()],
    ["/brevo", brevoStub()],
    ["/twilio", twilioStub()],
    ["/google", google.stub],
    ["/nacos", nacos.stub],
    ["/gemini", geminiStub()],
    ["/fcm", fcm.stub],
    ["/dashscope", dashScopeStub(options.dashScopePolls ?? 1)],
    ["/dodo", dodo.stub],
    ["/revenuecat", revenueCat.stub],
    ["/replicate", replicate.stub],
  ];
  const route = (path: string) => {
    const found = stubs.find(([prefix]) => path.startsWith(`${prefix}/`));
    return found ? { stub: found[1], path: path.slice(found[0].length) } : null;
  };
  const s3 = s3Stub();
  const stripe = stripeStub();
  const main = await serve(control, route, options.port ?? 0, (request) =>
    command(control, request),
  );
  const files = await serve(control, (path) => ({ stub: s3, path }), options.s3Port ?? 0);
  const web = await serve(control, (path) => ({ stub: stripe.stub, path }), 0);
  return {
    url: main.url,
    s3Url: files.url,
    stripeUrl: web.url,
    stripe,
    google,
    fcm: { ...fcm, serviceAccount: fcm.serviceAccount(main.url) },
    nacos,
    replicate,
    revenueCat,
    dodo,
    script: (provider, ...behaviours) => control.script(provider, ...behaviours),
    requests: (provider) => control.requests(provider),
    reset: () => control.reset(),
    close: async () => {
      await main.close();
      await files.close();
      await web.close();
    },
  };
}

/** The same control over HTTP, for a server under test in another process. */
function command(control: StubControl, { method, path, json }: StubRequest): StubAnswer {
  const [, name = "", action] = /^\/__stub\/(\w+)(?:\/(\w+))?$/.exec(path) ?? [];
  if (method === "POST" && name === "reset") {
    control.reset();
    return { status: 204 };
  }
  if (!isStubProvider(name)) return { status: 404, body: { error: "no such stub" } };
  if (method === "GET" && action === "requests") {
    return { status: 200, body: control.requests(name).map(logged) };
  }
  if (method === "POST" && action === "script") {
    control.script(name, ...(Array.isArray(json) ? (json as Behaviour[]) : [json as Behaviour]));
    return { status: 204 };
  }
  return { status: 404, body: { error: "no such command" } };
}

const logged = ({ method, path, query, headers, byteSize, text, json }: SeenRequest) => {
  return { method, path, query, headers, byteSize, text, json };
};
