import { z } from "zod";
import { dashScopeVariables } from "./dashscope-variables.ts";
import { dodoProblems, dodoVariables } from "./dodo-variables.ts";
import { pushVariables } from "./push-variables.ts";
import { geminiVariables } from "./gemini-variables.ts";
import { nacosVariables } from "./nacos-variables.ts";
import { replicateProblems, replicateVariables } from "./replicate-variables.ts";
import { revenueCatProblems, revenueCatVariables } from "./revenuecat-variables.ts";
import { stripeProblems, stripeVariables } from "./stripe-variables.ts";
import { integer, list, mode, optionalText, optionalUrl } from "./variable-forms.ts";

const DEVELOPMENT_SECRET = "development-only-secret-key-0123456789";

const flag = (fallback: boolean) =>
  z
    .enum(["true", "false"])
    .default(fallback ? "true" : "false")
    .transform((value) => value === "true");
const isAppScheme = (scheme: string) =>
  /^[a-z][a-z0-9+.-]*$/.test(scheme) &&
  !/^(https?|wss?|ftp|file|data|blob|about|javascript|vbscript)$/.test(scheme);

/** Every environment variable that facet reads, in the order of `.env.example`. */
export const environmentSchema = z.object({
  NODE_ENV: z
    .enum(["development", "test", "production"])
    .default("development")
    .describe("production refuses embedded stores, default secrets and local stand-ins"),
  HOST: z.string().default("127.0.0.1").describe("address to listen on; 0.0.0.0 in a container"),
  PORT: integer(4000, 0, 65_535).describe("port of HTTP and WebSocket; 0 takes a free one"),
  PUBLIC_URL: optionalUrl(/^https?:\/\//, "an http(s) URL").describe(
    "how clients reach this server; links in mails and signed URLs start with it (default http://localhost:PORT)",
  ),
  DATA_DIR: z.string().default(".data").describe("folder of the embedded stores and local files"),
  LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "silent"])
    .default("info")
    .describe("least severe level that is logged"),
  SECRET_KEY: z
    .string()
    .min(32)
    .default(DEVELOPMENT_SECRET)
    .describe("signs access tokens and local file URLs; at least 32 characters"),
  SNOWFLAKE_NODE_ID: optionalText()
    .refine((value) => value === undefined || /^\d{1,4}$/.test(value), {
      error: "a whole number from 0 to 1023",
    })
    .transform((value) => (value === undefined ? undefined : Number(value)))
    .refine((value) => value === undefined || value <= 1023, {
      error: "a whole number from 0 to 1023",
    })
    .describe("node number inside ids; leased from PostgreSQL when empty"),
  ALLOWED_ORIGINS: list().describe(
    "comma-separated web origins that may call from a browser; empty allows only PUBLIC_URL",
  ),
  APP_SCHEMES: list("facet")
    .refine((schemes) => schemes.every(isAppScheme), { error: "schemes of apps, such as facet" })
    .describe("comma-separated schemes of links that open the apps; stores may lead back to them"),
  TRUST_PROXY: flag(false).describe("take the client's address from X-Forwarded-For"),
  INTROSPECTION: flag(true).describe("answer introspection queries"),
  GRAPHIQL: flag(true).describe("serve GraphiQL at /graphiql"),
  TRUSTED_DOCUMENTS: flag(false).describe("run only the operations of the persisted manifest"),

  DATABASE_URL: optionalUrl(/^postgres(ql)?:\/\//, "a postgres:// URL").describe(
    "PostgreSQL 16 or later; embedded when empty",
  ),
  DATABASE_POOL_SIZE: integer(25, 2, 200).describe("connections of one process"),
  MONGODB_URL: optionalUrl(/^mongodb(\+srv)?:\/\//, "a mongodb:// URL").describe(
    "MongoDB 7 or later; embedded when empty",
  ),
  REDIS_URL: optionalUrl(/^rediss?:\/\//, "a redis:// URL").describe(
    "Redis 7 or later; embedded when empty",
  ),
  REDIS_COMMAND_TIMEOUT_MS: integer(200, 20, 10_000).describe(
    "a Redis that does not answer in this time counts as gone",
  ),

  ACCESS_TOKEN_SECONDS: integer(600, 5, 86_400).describe("life of an access token"),
  REFRESH_TOKEN_SECONDS: integer(604_800, 60, 31_536_000).describe("life of a refresh token"),
  VERIFICATION_TOKEN_SECONDS: integer(86_400, 60, 604_800).describe(
    "life of the link in a verification mail",
  ),
  RESET_TOKEN_SECONDS: integer(3_600, 60, 86_400).describe(
    "life of the link in a mail that lets choose a new password",
  ),
  LOGIN_ATTEMPTS_PER_MINUTE: integer(10, 1, 100_000).describe("sign-in attempts per address"),
  LOGIN_ATTEMPTS_PER_ACCOUNT: integer(5, 1, 100_000).describe(
    "failed sign-ins per account in 15 minutes",
  ),
  REGISTRATIONS_PER_HOUR: integer(5, 1, 1_000_000).describe("new accounts per address"),
  CODES_PER_HOUR: integer(5, 1, 1_000_000).describe(
    "sign-in codes by text message per phone and per address",
  ),
  UNUSED_UPLOADS_PER_USER: integer(20, 1, 1_000_000).describe("tickets for pictures not yet used"),
  IMAGE_JOBS_PER_MINUTE: integer(5, 1, 1_000_000).describe("image jobs per user and per address"),
  COST_BUDGET_PER_MINUTE: integer(50_000, 100, 100_000_000).describe(
    "GraphQL cost points that one user may spend in a minute",
  ),
  MAX_SOCKETS_PER_USER: integer(5, 1, 100_000).describe("open WebSockets of one user per process"),
  MAX_STRANGER_SOCKETS: integer(500, 1, 100_000).describe(
    "open WebSockets of one address per process that nobody has signed in on",
  ),
  SKIN_ANALYSES_PER_MONTH: z.coerce
    .number()
    .int()
    .min(0)
    .max(1_000_000)
    .optional()
    .describe(
      "skin analyses that a user without a plan may start in a calendar month; goes above the dynamic configuration",
    ),

  DYNAMIC_CONFIG_FILE: optionalText().describe(
    "JSON file with plans, prices and packages in place of Nacos and of those that come with facet",
  ),
  ...nacosVariables,

  WORKER_CONCURRENCY: integer(8, 1, 200).describe(
    "jobs of one kind that one worker process runs at once",
  ),
  JOB_DEADLINE_SECONDS: integer(180, 1, 7_200).describe("a job that runs longer fails"),
  WEBHOOK_EVENT_DAYS: integer(90, 1, 3_650).describe(
    "how long events of other systems are kept once they are applied or ignored",
  ),
  DRAIN_SECONDS: integer(25, 1, 300).describe("time that running work gets at shutdown"),

  BLOBS_MODE: z
    .enum(["local", "s3"])
    .default("local")
    .describe("where uploads and results are kept: local disk, or S3 and its like"),
  S3_ENDPOINT: optionalUrl(/^https?:\/\//, "an http(s) URL").describe(
    "endpoint of an S3-compatible store (Aliyun OSS, MinIO); empty for AWS",
  ),
  S3_REGION: z.string().default("us-east-1").describe("region of the bucket"),
  S3_BUCKET: z.string().default("facet").describe("bucket name"),
  S3_ACCESS_KEY_ID: optionalText().describe("access key"),
  S3_SECRET_ACCESS_KEY: optionalText().describe("secret key"),
  S3_FORCE_PATH_STYLE: flag(false).describe("true for MinIO; false for AWS and OSS"),
  S3_BUCKET_ENDPOINT: flag(false).describe("the endpoint is the bucket's own domain"),

  ORBO_MODE: mode().describe("skin analysis: local pixels, or the ORBO service"),
  ORBO_BASE_URL: z
    .url()
    .default("https://api.gateway.orbo.ai/demo/supertouch/skin/v1/")
    .describe("base URL of ORBO"),
  ORBO_CLIENT_ID: optionalText().describe("client id of ORBO"),
  ORBO_API_KEY: optionalText().describe("API key of ORBO"),
  ORBO_POLL_MS: integer(3_000, 5, 60_000).describe("pause between two polls"),
  OPENAI_MODE: mode().describe("texts about skin, and Pal in chat: local rules, or OpenAI"),
  OPENAI_BASE_URL: z.url().default("https://api.openai.com/v1").describe("base URL of OpenAI"),
  OPENAI_API_KEY: optionalText().describe("API key of OpenAI"),
  OPENAI_MODEL: z
    .string()
    .default("gpt-5-mini")
    .describe("model for texts about skin, and for Pal"),
  OPENAI_TIMEOUT_MS: integer(60_000, 100, 600_000).describe("time limit of one call"),
  PERPLEXITY_MODE: mode().describe("product finds on the web: none, or Perplexity"),
  PERPLEXITY_BASE_URL: z
    .url()
    .default("https://api.perplexity.ai/v1")
    .describe("base URL of Perplexity's Agent API"),
  PERPLEXITY_API_KEY: optionalText().describe("API key of Perplexity"),
  PERPLEXITY_MODEL: z.string().default("perplexity/sonar").describe("model for web finds"),
  PERPLEXITY_TIMEOUT_MS: integer(60_000, 100, 600_000).describe("time limit of one call"),
  ...geminiVariables,
  CHAT_CONTEXT_TOKENS: integer(8_000, 200, 1_000_000).describe(
    "tokens of a conversation that an assistant is told word by word; older parts are summed up",
  ),
  CHAT_MESSAGES_PER_MINUTE: integer(60, 1, 1_000_000).describe("chat messages per user"),
  MAIL_MODE: z
    .enum(["local", "smtp", "live"])
    .default("local")
    .describe("mail: files in DATA_DIR/outbox, an SMTP server, or Brevo"),
  MAIL_FROM: z.email().default("hello@facet.example").describe("sender address"),
  MAIL_FROM_NAME: z.string().default("facet").describe("sender name"),
  SMTP_URL: optionalUrl(/^smtps?:\/\//, "an smtp:// URL").describe(
    "mail server with its user and password",
  ),
  BREVO_BASE_URL: z.url().default("https://api.brevo.com/v3").describe("base URL of Brevo"),
  BREVO_API_KEY: optionalText().describe("API key of Brevo"),
  GOOGLE_CLIENT_ID: optionalText().describe(
    "client of the sign-in with Google in the browser; without it and GOOGLE_APP_CLIENT_IDS there is none",
  ),
  GOOGLE_CLIENT_SECRET: optionalText().describe("secret of that client"),
  GOOGLE_APP_CLIENT_IDS: list().describe("comma-separated further clients whose id tokens count"),
  GOOGLE_ISSUERS: z
    .string()
    .default("https://accounts.google.com,accounts.google.com")
    .transform((value) => value.split(",").map((part) => part.trim()))
    .describe("comma-separated issuers of id tokens"),
  GOOGLE_AUTH_URL: z
    .url()
    .default("https://accounts.google.com/o/oauth2/v2/auth")
    .describe("where browsers sign in"),
  GOOGLE_TOKEN_URL: z
    .url()
    .default("https://oauth2.googleapis.com/token")
    .describe("where codes become tokens"),
  GOOGLE_JWKS_URL: z
    .url()
    .default("https://www.googleapis.com/oauth2/v3/certs")
    .describe("keys that sign id tokens"),
  SMS_MODE: z
    .enum(["local", "live", "off"])
    .default("local")
    .describe(
      "text messages: files in DATA_DIR/sms (not in production), Twilio, or no sign-in by phone",
    ),
  TWILIO_BASE_URL: z.url().default("https://api.twilio.com").describe("base URL of Twilio"),
  TWILIO_ACCOUNT_SID: optionalText().describe("account of Twilio"),
  TWILIO_AUTH_TOKEN: optionalText().describe("auth token of Twilio"),
  TWILIO_FROM: optionalText().describe("sender: a number in E.164, or a messaging service"),
  ...dashScopeVariables,
  ...dodoVariables,
  ...pushVariables,
  ...replicateVariables,
  ...revenueCatVariables,
  ...stripeVariables,
});

/** The validated environment; durations carry their unit in the name. */
export type Environment = z.infer<typeof environmentSchema>;

/** Everything that a process needs to know at start. */
export interface Config extends Environment {
  readonly publicUrl: string;
  readonly production: boolean;
}

/** The environment is unusable; `problems` names each variable and what it must be. */
export class InvalidConfig extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((line) => `  - ${line}`).join("\n")}`);
    this.name = "InvalidConfig";
  }
}

/**
 * Reads and validates the whole configuration.
 * @throws InvalidConfig with every problem at once.
 */
export function loadConfig(source: NodeJS.ProcessEnv = process.env): Config {
  const present = Object.fromEntries(
    Object.entries(source).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = environmentSchema.safeParse(present);
  if (!parsed.success) {
    throw new InvalidConfig(
      parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`),
    );
  }
  const environment = parsed.data;
  const problems = [
    ...missingKeys(environment),
    ...productionProblems(environment),
    ...dodoProblems(environment),
    ...replicateProblems(environment),
    ...revenueCatProblems(environment),
    ...stripeProblems(environment),
  ];
  if (problems.length > 0) throw new InvalidConfig(problems);
  return {
    ...environment,
    publicUrl: (environment.PUBLIC_URL ?? `http://localhost:${environment.PORT}`).replace(
      /\/$/,
      "",
    ),
    production: environment.NODE_ENV === "production",
  };
}

function missingKeys(environment: Environment): string[] {
  const needed: [boolean, (keyof Environment)[]][] = [
    [environment.ORBO_MODE === "live", ["ORBO_CLIENT_ID", "ORBO_API_KEY"]],
    [environment.OPENAI_MODE === "live", ["OPENAI_API_KEY"]],
    [environment.PERPLEXITY_MODE === "live", ["PERPLEXITY_API_KEY"]],
    [environment.GEMINI_MODE === "live", ["GEMINI_API_KEY"]],
    [environment.DASHSCOPE_MODE === "live", ["DASHSCOPE_API_KEY"]],
    [environment.MAIL_MODE === "live", ["BREVO_API_KEY"]],
    [environment.MAIL_MODE === "smtp", ["SMTP_URL"]],
    [environment.NACOS_MODE === "live", ["NACOS_SERVER_ADDRESS"]],
    [environment.NACOS_USERNAME !== undefined, ["NACOS_PASSWORD"]],
    [environment.GOOGLE_CLIENT_ID !== undefined, ["GOOGLE_CLIENT_SECRET"]],
    [environment.SMS_MODE === "live", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"]],
    [environment.PUSH_MODE === "live", ["FCM_SERVICE_ACCOUNT"]],
    [environment.BLOBS_MODE === "s3", ["S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"]],
  ];
  return needed.flatMap(([live, keys]) =>
    live
      ? keys
          .filter((key) => environment[key] === undefined)
          .map((key) => `${key}: needed by the mode that is switched on`)
      : [],
  );
}

function productionProblems(environment: Environment): string[] {
  if (environment.NODE_ENV !== "production") return [];
  const problems: string[] = [];
  for (const key of ["DATABASE_URL", "MONGODB_URL", "REDIS_URL", "PUBLIC_URL"] as const) {
    if (environment[key] === undefined) problems.push(`${key}: must be set in production`);
  }
  if (environment.SECRET_KEY === DEVELOPMENT_SECRET) {
    problems.push("SECRET_KEY: must be set in production");
  }
  if (environment.MAIL_MODE === "local") {
    problems.push("MAIL_MODE: must be live or smtp in production");
  }
  return problems;
}

/** The text of `.env.example`: every variable, its default and what it is for. */
export function environmentExample(): string {
  const lines = Object.entries(environmentSchema.shape).map(([name, schema]) => {
    const fallback = (schema as z.ZodType).safeParse(undefined);
    const value = fallback.success ? fallback.data : undefined;
    const text = Array.isArray(value) ? value.join(",") : plainText(value);
    return `# ${schema.description ?? ""}\n${name}=${name === "SECRET_KEY" ? "" : text}\n`;
  });
  return `# Copy to .env and change what you need. Every variable is optional in development.\n\n${lines.join("\n")}`;
}

function plainText(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}
