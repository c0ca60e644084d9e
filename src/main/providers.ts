import { createHmac } from "node:crypto";
import { join } from "node:path";
import type { FeedbackWriter, ProductFinder, SkinAnalyzer } from "../domains/analyses/index.ts";
import type { Assistant } from "../domains/chat/index.ts";
import type {
  AppStore,
  CreditStore,
  StoreWebhooks,
  SubscriptionStore,
} from "../domains/billing/index.ts";
import type { GoalWriter } from "../domains/goals/index.ts";
import type { PushSender } from "../domains/notifications/index.ts";
import type { RoutineWriter } from "../domains/routines/index.ts";
import type { HairStylist, StylistWebhooks } from "../domains/tryon/index.ts";
import { BrevoMailer } from "../integrations/brevo/brevo-mailer.ts";
import { GoogleOpenId } from "../integrations/google/google-open-id.ts";
import { RuleBasedFeedbackWriter } from "../integrations/openai/local/rule-based-feedback-writer.ts";
import { RuleBasedGoalWriter } from "../integrations/openai/local/rule-based-goal-writer.ts";
import { OpenAiFeedbackWriter } from "../integrations/openai/openai-feedback-writer.ts";
import { OpenAiGoalWriter } from "../integrations/openai/openai-goal-writer.ts";
import { OpenAiRoutineWriter } from "../integrations/openai/openai-routine-writer.ts";
import { LocalSkinAnalyzer } from "../integrations/orbo/local/local-skin-analyzer.ts";
import { OrboSkinAnalyzer } from "../integrations/orbo/orbo-analyzer.ts";
import { NoProductFinder } from "../integrations/perplexity/local/no-product-finder.ts";
import { PerplexityProductFinder } from "../integrations/perplexity/perplexity-product-finder.ts";
import { S3BlobStore } from "../integrations/s3/s3-blob-store.ts";
import { TwilioSmsSender } from "../integrations/twilio/twilio-sms-sender.ts";
import type { BlobStore } from "../platform/blobs/blob-store.ts";
import { LocalBlobStore } from "../platform/blobs/local-blob-store.ts";
import { systemClock } from "../platform/clock/clock.ts";
import type { Config } from "../platform/config/env.ts";
import { MailOutbox } from "../platform/mail/mail-outbox.ts";
import { FaceDetector } from "../platform/faces/face-detector.ts";
import type { Mailer } from "../platform/mail/mailer.ts";
import { SmtpMailer } from "../platform/mail/smtp-mailer.ts";
import type { Logger } from "../platform/observe/logger.ts";
import type { Metrics } from "../platform/observe/metrics.ts";
import {
  createProviderGuard,
  type ProviderGuard,
  type ProviderObserver,
} from "../platform/resilience/guard.ts";
import { SmsOutbox } from "../platform/sms/sms-outbox.ts";
import type { SmsSender } from "../platform/sms/sms-sender.ts";
import { openAssistants } from "./assistants.ts";
import { openAppStore } from "./app-store.ts";
import { openCreditStore } from "./credit-store.ts";
import { openHairStylist } from "./hair-stylist.ts";
import { openLocalStore, type BillingLocalStore } from "./local-store.ts";
import { openStickerMaker } from "./sticker-maker.ts";
import { openSubscriptionStore } from "./subscription-store.ts";
import { openPush } from "./push.ts";

const BREAKER = { failures: 5, halfOpenAfterMs: 10_000 };
const HTTP_TIMEOUT_MS = 20_000;
const MAIL_TIMEOUT_MS = 10_000;
const SIGN_IN_TIMEOUT_MS = 5_000;

/** The outside world as the configuration chooses it. */
export interface Providers {
  readonly blobs: BlobStore;
  /** Set when files are on local disk and facet serves them itself. */
  readonly localBlobs: LocalBlobStore | null;
  readonly mailer: Mailer;
  /** Null when nobody may sign in by phone. */
  readonly sms: SmsSender | null;
  /** Null when nothing is pushed. */
  readonly push: PushSender | null;
  /** Null when nobody may sign in with Google. */
  readonly google: GoogleOpenId | null;
  readonly analyzer: SkinAnalyzer;
  readonly writer: FeedbackWriter;
  readonly goalWriter: GoalWriter;
  /** Null: routines keep their own words. */
  readonly routineWriter: RoutineWriter | null;
  readonly finder: ProductFinder;
  readonly assistant: Assistant;
  readonly pal: Assistant;
  readonly stickerMaker: ReturnType<typeof openStickerMaker>;
  readonly stylist: HairStylist;
  /** Null when the stylist reports nothing. */
  readonly stylistWebhooks: StylistWebhooks | null;
  readonly hashUser: (userId: string) => string;
  /** Each store is null when nothing is sold there. */
  readonly subscriptionStore: SubscriptionStore | null;
  readonly creditStore: CreditStore | null;
  readonly appStore: AppStore | null;
  readonly storeWebhooks: readonly StoreWebhooks[];
  /** Set when development plays one of the stores. */
  readonly localStore: BillingLocalStore | null;
  close(): Promise<void>;
}

export interface ProviderDependencies {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Opens the live client or the local stand-in of each provider. */
export function openProviders(dependencies: ProviderDependencies): Providers {
  const { config, metrics } = dependencies;
  const guards = (provider: string, timeoutMs: number, concurrency: number) =>
    guardOf(provider, timeoutMs, concurrency, metrics);
  const localBlobs = config.BLOBS_MODE === "local" ? openLocalBlobs(config) : null;
  const faces = new FaceDetector();
  const analyzer = openAnalyzer(dependencies, faces);
  return {
    blobs: localBlobs ?? openS3(config),
    localBlobs,
    mailer: openMailer(dependencies),
    sms: openSms(dependencies),
    push: openPush(config, dependencies.log, guards),
    google: openGoogle(dependencies),
    analyzer,
    ...openWriters(dependencies),
    finder: openFinder(dependencies),
    ...openAssistants(config, guards),
    stickerMaker: openStickerMaker(config, faces, guards),
    ...openHairStylist(config, faces, guards),
    hashUser: (userId) =>
      createHmac("sha256", config.SECRET_KEY)
        .update(`provider:${userId}`)
        .digest("hex")
        .slice(0, 32),
    ...openStores(dependencies),
    close: async () => {
      if (analyzer instanceof LocalSkinAnalyzer) await analyzer.close();
      await faces.close();
    },
  };
}

/** Where things are sold. */
function openStores({ config, log, metrics }: ProviderDependencies) {
  const guard = (provider: string, timeoutMs: number, concurrency: number) =>
    guardOf(provider, timeoutMs, concurrency, metrics);
  const { appStore, ...phones } = openAppStore(config, guard);
  const { creditStore, ...credits } = openCreditStore(config, guard);
  const { subscriptionStore, ...web } = openSubscriptionStore(config, guard);
  const storeWebhooks = [web, phones, credits].flatMap((each) => each.storeWebhooks);
  const localStore = openLocalStore(config, log, storeWebhooks);
  return {
    subscriptionStore: subscriptionStore ?? localStore?.subscriptionStore ?? null,
    creditStore: creditStore ?? localStore?.creditStore ?? null,
    appStore: appStore ?? localStore?.appStore ?? null,
    storeWebhooks,
    localStore,
  };
}

function openLocalBlobs(config: Config): LocalBlobStore {
  return new LocalBlobStore({
    dir: join(config.DATA_DIR, "blobs"),
    baseUrl: config.publicUrl,
    secret: config.SECRET_KEY,
    clock: systemClock,
  });
}

function openS3(config: Config): S3BlobStore {
  return new S3BlobStore({
    ...(config.S3_ENDPOINT === undefined ? {} : { endpoint: config.S3_ENDPOINT }),
    region: config.S3_REGION,
    bucket: config.S3_BUCKET,
    accessKeyId: config.S3_ACCESS_KEY_ID ?? "",
    secretAccessKey: config.S3_SECRET_ACCESS_KEY ?? "",
    forcePathStyle: config.S3_FORCE_PATH_STYLE,
    bucketEndpoint: config.S3_BUCKET_ENDPOINT,
  });
}

function openMailer({ config, log, metrics }: ProviderDependencies): Mailer {
  const from = { email: config.MAIL_FROM, name: config.MAIL_FROM_NAME };
  if (config.MAIL_MODE === "live") {
    return new BrevoMailer({
      baseUrl: config.BREVO_BASE_URL,
      apiKey: config.BREVO_API_KEY ?? "",
      from,
      timeoutMs: MAIL_TIMEOUT_MS,
      guard: guardOf("brevo", MAIL_TIMEOUT_MS, 10, metrics),
    });
  }
  if (config.MAIL_MODE === "smtp") {
    return new SmtpMailer({ url: config.SMTP_URL ?? "", from, timeoutMs: MAIL_TIMEOUT_MS });
  }
  return new MailOutbox({
    dir: join(config.DATA_DIR, "outbox"),
    from,
    clock: systemClock,
    onSent: ({ subject, text, path }) => {
      const link = /https?:\/\/\S+/.exec(text)?.[0] ?? null;
      log.info({ subject, link, path }, "a mail lies in the outbox");
    },
  });
}

function openSms({ config, log, metrics }: ProviderDependencies): SmsSender | null {
  // Files in a folder reach nobody: production without a sender has no sign-in by phone.
  if (config.SMS_MODE === "off" || (config.SMS_MODE === "local" && config.production)) return null;
  if (config.SMS_MODE === "live") {
    return new TwilioSmsSender({
      baseUrl: config.TWILIO_BASE_URL,
      accountSid: config.TWILIO_ACCOUNT_SID ?? "",
      authToken: config.TWILIO_AUTH_TOKEN ?? "",
      from: config.TWILIO_FROM ?? "",
      timeoutMs: MAIL_TIMEOUT_MS,
      guard: guardOf("twilio", MAIL_TIMEOUT_MS, 10, metrics),
    });
  }
  return new SmsOutbox({
    dir: join(config.DATA_DIR, "sms"),
    // A code opens an account: only development may show it.
    ...(config.NODE_ENV === "development" && {
      onSent: ({ text, path }) => log.info({ text, path }, "a text message lies in the outbox"),
    }),
  });
}

function openGoogle({ config, metrics }: ProviderDependencies): GoogleOpenId | null {
  const clientId = config.GOOGLE_CLIENT_ID;
  const audiences = [
    ...(clientId === undefined ? [] : [clientId]),
    ...config.GOOGLE_APP_CLIENT_IDS,
  ];
  if (audiences.length === 0) return null;
  return new GoogleOpenId({
    web:
      clientId === undefined ? null : { clientId, clientSecret: config.GOOGLE_CLIENT_SECRET ?? "" },
    audiences,
    issuers: config.GOOGLE_ISSUERS,
    authUrl: config.GOOGLE_AUTH_URL,
    tokenUrl: config.GOOGLE_TOKEN_URL,
    jwksUrl: config.GOOGLE_JWKS_URL,
    timeoutMs: SIGN_IN_TIMEOUT_MS,
    guard: guardOf("google", SIGN_IN_TIMEOUT_MS, 16, metrics),
  });
}

function openAnalyzer(
  { config, metrics }: ProviderDependencies,
  faces: FaceDetector,
): SkinAnalyzer {
  if (config.ORBO_MODE === "local") return new LocalSkinAnalyzer(faces);
  return new OrboSkinAnalyzer({
    baseUrl: config.ORBO_BASE_URL,
    clientId: config.ORBO_CLIENT_ID ?? "",
    apiKey: config.ORBO_API_KEY ?? "",
    guard: guardOf("orbo", HTTP_TIMEOUT_MS, 16, metrics),
    timeoutMs: HTTP_TIMEOUT_MS,
    pollMs: config.ORBO_POLL_MS,
    allowInsecureUrls: !config.production,
  });
}

/** Writers of texts share one guard: what one of them learns about the provider holds for all. */
function openWriters({ config, metrics }: ProviderDependencies) {
  if (config.OPENAI_MODE === "local") {
    return {
      writer: new RuleBasedFeedbackWriter(),
      goalWriter: new RuleBasedGoalWriter(),
      routineWriter: null,
    };
  }
  const options = {
    baseUrl: config.OPENAI_BASE_URL,
    apiKey: config.OPENAI_API_KEY ?? "",
    model: config.OPENAI_MODEL,
    timeoutMs: config.OPENAI_TIMEOUT_MS,
    guard: guardOf("openai", config.OPENAI_TIMEOUT_MS, 16, metrics),
  };
  return {
    writer: new OpenAiFeedbackWriter(options),
    goalWriter: new OpenAiGoalWriter(options),
    routineWriter: new OpenAiRoutineWriter(options),
  };
}

function openFinder({ config, metrics }: ProviderDependencies): ProductFinder {
  if (config.PERPLEXITY_MODE === "local") return new NoProductFinder();
  return new PerplexityProductFinder({
    baseUrl: config.PERPLEXITY_BASE_URL,
    apiKey: config.PERPLEXITY_API_KEY ?? "",
    model: config.PERPLEXITY_MODEL,
    timeoutMs: config.PERPLEXITY_TIMEOUT_MS,
    guard: guardOf("perplexity", config.PERPLEXITY_TIMEOUT_MS, 8, metrics),
  });
}

function guardOf(
  provider: string,
  timeoutMs: number,
  concurrency: number,
  metrics: Metrics,
): ProviderGuard {
  const observer: ProviderObserver = {
    onCall: (call) => {
      metrics.providerCall(call);
    },
    onBreaker: ({ state }) => {
      metrics.breaker(provider, state === "open");
    },
  };
  return createProviderGuard({
    provider,
    timeoutMs,
    concurrency,
    maxQueue: concurrency * 4,
    breaker: BREAKER,
    retries: 1,
    metrics: observer,
  });
}
