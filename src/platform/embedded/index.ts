export { freePort } from "./free-port.ts";
export {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from "./postgres/postgres.ts";
export {
  startEmbedded,
  startEmbeddedMongo,
  startEmbeddedRedis,
  type Embedded,
  type EmbeddedOptions,
  type EmbeddedStore,
  type EmbeddedStoreOptions,
} from "./start-embedded.ts";
