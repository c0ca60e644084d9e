import type { Config } from "../platform/config/env.ts";
import type { Logger } from "../platform/observe/logger.ts";
import { locateStores } from "./embedded-stores.ts";
import { openStores } from "./stores.ts";

/** Checks every configured part; resolves to exit code 1 when one of them is unusable. */
export async function doctor(
  config: Config,
  log: Logger,
  tell: (text: string) => void,
): Promise<number> {
  let failures = 0;
  const check = async (name: string, hint: string, work: () => Promise<unknown>) => {
    const started = performance.now();
    try {
      await work();
      tell(`ok    ${name} (${Math.round(performance.now() - started)} ms)`);
    } catch (error) {
      failures += 1;
      tell(
        `FAIL  ${name}: ${error instanceof Error ? error.message : String(error)}\n      ${hint}`,
      );
    }
  };
  tell(`Configuration is valid (NODE_ENV=${config.NODE_ENV}).`);
  const located = await locateStores(config, log, tell);
  try {
    const stores = await openStores(located.urls, config, log);
    await check("PostgreSQL", "Check DATABASE_URL and that the server accepts connections.", () =>
      stores.database.query("select 1"),
    );
    await check("Migrations", "Run: npm run cli -- migrate up", async () => {
      if (!(await stores.database.isMigrated())) throw new Error("migrations are missing");
    });
    await check("MongoDB", "Check MONGODB_URL.", () => stores.mongo.ping());
    await check("Redis", "Check REDIS_URL. facet works without it, but pushes come later.", () =>
      stores.redis.ping(),
    );
    await stores.close();
  } finally {
    await located.stop();
  }
  for (const [name, mode] of providerModes(config)) tell(`      ${name}: ${mode}`);
  return failures === 0 ? 0 : 1;
}

const providerModes = (config: Config): [string, string][] => [
  ["Files", config.BLOBS_MODE],
  ["Skin analysis", config.ORBO_MODE],
  ["Feedback", config.OPENAI_MODE],
  ["Web finds", config.PERPLEXITY_MODE],
  ["Mail", config.MAIL_MODE],
  [
    "Plans and prices",
    config.DYNAMIC_CONFIG_FILE ?? (config.NACOS_MODE === "live" ? "Nacos" : "bundled"),
  ],
];
