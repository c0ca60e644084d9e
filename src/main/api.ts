import { RowChanges } from "../platform/db/row-changes.ts";
import { createHttpServer, type HttpServer } from "../platform/http/http-server.ts";
import { KeptAnswers } from "../platform/http/kept-answers.ts";
import { PublicAnswers } from "../platform/http/public-answers.ts";
import { graphiqlRoutes } from "../platform/graphiql/graphiql-routes.ts";
import { registerBlobRoutes } from "../platform/blobs/blob-routes.ts";
import { registerWebhookRoutes } from "../platform/webhooks/webhook-routes.ts";
import type { ComposeOptions, Parts } from "./compose.ts";
import { graphiqlTabs } from "./graphiql-tabs.ts";

/** Of the time that running work gets at shutdown: one second of the usual 25. */
const LINGER_MS_PER_SECOND = 40;
const MAX_UPLOAD_BYTES = 10 * 1024 * 1024;

/** Builds the HTTP and WebSocket server of an api process; it does not listen yet. */
export async function createApi(options: ComposeOptions, parts: Parts): Promise<HttpServer> {
  const { config, stores, providers, metrics, log } = options;
  const { localBlobs, localStore } = providers;
  const { publicAnswers, close } = openPublicAnswers(options, parts);
  const server = await createHttpServer({
    engine: parts.engine,
    publicAnswers,
    authenticator: parts.identity.authenticator,
    sessionEndings: parts.identity.sessionEndings,
    nudges: parts.nudges,
    log,
    publicUrl: config.publicUrl,
    allowedOrigins: config.ALLOWED_ORIGINS,
    trustProxy: config.TRUST_PROXY,
    socketBounds: {
      perUser: config.MAX_SOCKETS_PER_USER,
      strangersPerAddress: config.MAX_STRANGER_SOCKETS,
    },
    lingerMs: config.DRAIN_SECONDS * LINGER_MS_PER_SECOND,
    healthChecks: [
      {
        name: "postgresql",
        required: true,
        check: async () => void (await stores.database.query("select 1")),
      },
      { name: "mongodb", required: false, check: () => stores.mongo.ping() },
      { name: "redis", required: false, check: async () => void (await stores.redis.ping()) },
    ],
    routes: [
      ...parts.modules.flatMap((module) => (module.routes ? [module.routes] : [])),
      (app) => registerWebhookRoutes(app, parts.webhooks),
      metrics.routes,
      ...(localStore ? [localStore.routes] : []),
      ...(localBlobs
        ? [
            (app: Parameters<typeof registerBlobRoutes>[0]) =>
              registerBlobRoutes(app, { store: localBlobs, maxBytes: MAX_UPLOAD_BYTES }),
          ]
        : []),
      ...(config.GRAPHIQL ? [graphiqlRoutes({ title: "facet", tabs: graphiqlTabs() })] : []),
    ],
    onOperation: (report) => {
      metrics.operation(report);
    },
    onSockets: (sockets, subscriptions) => {
      metrics.socketCount(sockets, subscriptions);
    },
  });
  return { ...server, drain: () => server.drain().finally(close) };
}

function openPublicAnswers({ stores, log }: ComposeOptions, { engine }: Parts) {
  const kept = new KeptAnswers(stores.redis);
  const changes = new RowChanges(stores.database.url, log, () => kept.drop());
  const isTrusted = () => changes.isListening();
  return {
    publicAnswers: new PublicAnswers({ engine, kept, isTrusted }),
    close: () => changes.close(),
  };
}
