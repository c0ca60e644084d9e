import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify, { type FastifyInstance } from "fastify";
import { graphql, type GraphQLSchema } from "graphql";
import type { Redis } from "ioredis";
import { LocalBlobStore } from "../../../src/platform/blobs/local-blob-store.ts";
import { Database } from "../../../src/platform/db/database.ts";
import { UnitOfWork } from "../../../src/platform/db/unit-of-work.ts";
import { DomainEvents } from "../../../src/platform/events/domain-events.ts";
import type { Context } from "../../../src/platform/graphql/context.ts";
import { composeLoaders } from "../../../src/platform/graphql/loaders.ts";
import { buildGraphQLSchema } from "../../../src/platform/graphql/schema.ts";
import type { Streams } from "../../../src/platform/graphql/streams.ts";
import { Ids } from "../../../src/platform/ids/ids.ts";
import { MailOutbox } from "../../../src/platform/mail/mail-outbox.ts";
import type { Mailer } from "../../../src/platform/mail/mailer.ts";
import { SmsOutbox } from "../../../src/platform/sms/sms-outbox.ts";
import type { SmsMessage } from "../../../src/platform/sms/sms-sender.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { RateLimiter } from "../../../src/platform/redis/rate-limiter.ts";
import type { Nudges } from "../../../src/platform/realtime/nudges.ts";
import {
  createIdentityModule,
  type IdentityDeps,
  type IdentityLimits,
  type IdentityModule,
} from "../../../src/domains/identity/index.ts";
import { freshDatabase } from "../../support/database.ts";
import { until } from "../../support/until.ts";

export interface Answer {
  data: any;
  errors?: readonly { message: string; path?: readonly unknown[]; extensions: any }[];
}

/** Who sends an operation, and from where. */
export interface From {
  token?: string;
  ip?: string;
  userAgent?: string | null;
}

/** The domain over a database of its own, with a clock that tests move. */
export interface IdentityBed {
  readonly identity: IdentityModule;
  readonly database: Database;
  readonly uow: UnitOfWork;
  readonly http: FastifyInstance;
  readonly blobs: LocalBlobStore;
  /** Topics that were nudged. */
  readonly nudged: string[];
  readonly clock: { now(): Date; forward(seconds: number): void };
  /** Sends a stored operation of the mobile app. */
  send(operation: string, variables?: Record<string, unknown>, from?: From): Promise<Answer>;
  /** Like `send`, for an operation with one root field: its payload, or the errors as a failure. */
  must(operation: string, variables?: Record<string, unknown>, from?: From): Promise<any>;
  /** The n-th mail to an address, once it is there. */
  mail(to: string, index?: number): Promise<{ subject: string; text: string }>;
  mailsTo(to: string): { subject: string; text: string }[];
  /** Text messages so far, oldest first. */
  readonly messages: readonly SmsMessage[];
  /** The code in the n-th message to a phone, once it is there. */
  codeFor(phone: string, index?: number): Promise<string>;
  /** The token in the n-th verification mail to an address. */
  tokenFor(to: string, index?: number): Promise<string>;
  /** Another node of the same product. */
  node(redis: Redis | null): IdentityModule;
  close(): Promise<void>;
}

export const PASSWORD = "correct horse battery";
const SECRET = "test-secret-key-of-forty-characters-0001";
const MANY: IdentityLimits = {
  loginsPerMinute: 10_000,
  failedLoginsPerAccount: 10_000,
  registrationsPerHour: 10_000,
  codesPerHour: 10_000,
  unusedUploads: 20,
};

export async function createBed(
  options: {
    limits?: Partial<IdentityLimits>;
    mailer?: Mailer;
    redis?: Redis;
    withoutSms?: boolean;
    google?: IdentityDeps["google"];
  } = {},
): Promise<IdentityBed> {
  const fresh = await freshDatabase();
  const dir = mkdtempSync(join(tmpdir(), "facet-identity-"));
  const log = createLogger("silent");
  const database = await Database.open({
    url: fresh.url,
    poolSize: 8,
    applicationName: "identity-test",
    entities: [],
    migrations: [],
    log,
  });
  const uow = new UnitOfWork(database, log);
  const clock = movableClock();
  const nudged: string[] = [];
  const blobs = new LocalBlobStore({ dir, baseUrl: "http://facet.test", secret: SECRET, clock });
  const outbox = join(dir, "outbox");
  const messages: SmsMessage[] = [];
  const sms = new SmsOutbox({ dir: join(dir, "sms"), onSent: (sent) => void messages.push(sent) });
  const ids = new Ids(() => 1, { now: () => new Date() });
  const node = (redis: Redis | null): IdentityModule =>
    createIdentityModule({
      uow,
      events: new DomainEvents(),
      database,
      ids,
      clock,
      log,
      nudges: recordingNudges(nudged),
      redis,
      rateLimiter: new RateLimiter(null),
      mailer:
        options.mailer ??
        new MailOutbox({ dir: outbox, from: { email: "a@facet.test", name: "facet" }, clock }),
      google: options.google ?? null,
      allowedOrigins: ["https://app.facet.test"],
      sms: options.withoutSms ? null : sms,
      blobs,
      secretKey: SECRET,
      publicUrl: "http://facet.test",
      accessTokenSeconds: 600,
      refreshTokenSeconds: 604_800,
      verificationTokenSeconds: 86_400,
      resetTokenSeconds: 3_600,
      limits: { ...MANY, ...options.limits },
    });
  const identity = node(options.redis ?? null);
  const schema = buildGraphQLSchema(identity.resolvers);
  const http = Fastify();
  identity.routes?.(http);
  const send = sender(schema, identity);
  const mailsTo = (to: string) => readMails(outbox, to);
  const mail = (to: string, index = 0) =>
    until(
      () => mailsTo(to),
      (mails) => mails.length > index,
    ).then((mails) => mails[index]!);
  return {
    identity,
    database,
    uow,
    http,
    blobs,
    nudged,
    clock,
    node,
    send,
    mail,
    mailsTo,
    messages,
    codeFor: async (phone, index = 0) => {
      const sent = await until(
        () => messages.filter(({ to }) => to === phone),
        (all) => all.length > index,
      );
      return /\d{6}/.exec(sent[index]!.text)?.[0] ?? "no code in the message";
    },
    must: async (operation, variables, from) => {
      const answer = await send(operation, variables, from);
      if (answer.errors) throw new Error(JSON.stringify(answer.errors, null, 2));
      return Object.values(answer.data as object)[0];
    },
    tokenFor: async (to, index) =>
      /token=([\w-]+)/.exec((await mail(to, index)).text)?.[1] ?? "no token in the mail",
    close: async () => {
      identity.close();
      await http.close();
      await database.close();
      await fresh.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function sender(schema: GraphQLSchema, identity: IdentityModule): IdentityBed["send"] {
  const createLoaders = composeLoaders([identity.loaders!]);
  return async (operation, variables = {}, from = {}) => {
    const checked =
      from.token === undefined ? null : await identity.authenticator.authenticate(from.token);
    const signedIn = typeof checked === "string" ? null : checked;
    const contextValue: Context = {
      requestId: "test",
      ip: from.ip ?? "192.0.2.1",
      userAgent: from.userAgent === undefined ? "facet-app/1" : from.userAgent,
      signedIn,
      refusal: typeof checked === "string" ? checked : null,
      language: signedIn?.language ?? "EN",
      loaders: createLoaders(),
      streams: {} as Streams,
    };
    const source = storedOperation(operation);
    return (await graphql({ schema, source, variableValues: variables, contextValue })) as Answer;
  };
}

const storedOperation = (name: string): string =>
  readFileSync(
    new URL(`../../../schema/operations/mobile/${name}.graphql`, import.meta.url),
    "utf8",
  );

function readMails(dir: string, to: string): { subject: string; text: string }[] {
  let names: string[] = [];
  try {
    names = readdirSync(dir).filter((name) => name.endsWith(".eml"));
  } catch {
    return [];
  }
  return names
    .sort()
    .map((name) => readFileSync(join(dir, name), "utf8"))
    .filter((text) => text.includes(`\nTo: ${to}\n`))
    .map((text) => ({ subject: /^Subject: (.*)$/m.exec(text)?.[1] ?? "", text }));
}

function movableClock() {
  let offsetMs = 0;
  return {
    now: () => new Date(Date.now() + offsetMs),
    forward: (seconds: number) => {
      offsetMs += seconds * 1_000;
    },
  };
}

const recordingNudges = (topics: string[]): Nudges => ({
  send: (topic) => void topics.push(topic),
  listen: () => Promise.resolve(() => undefined),
  isConnected: () => true,
  onReconnect: () => () => undefined,
  close: () => Promise.resolve(),
});

/** Registers an account, verifies it and returns its session. */
export async function newAccount(bed: IdentityBed, email: string): Promise<any> {
  await bed.must("RegisterWithEmail", { input: registration(email) });
  const token = await bed.tokenFor(email);
  return (await bed.must("VerifyEmail", { input: { token } })).session;
}

export const registration = (email: string, change: object = {}) => ({
  email,
  password: PASSWORD,
  firstName: "Ada",
  lastName: "Lovelace",
  ...change,
});

/** The codes of the problems of a payload. */
export const codes = (payload: any): string[] => payload.problems.map((each: any) => each.code);
