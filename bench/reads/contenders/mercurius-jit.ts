import Fastify from "fastify";
import mercurius from "mercurius";
import { createContext, resolvers, SDL } from "./raw.ts";
import { ready, settings } from "./settings.ts";

const app = Fastify();
await app.register(mercurius as any, {
  schema: SDL,
  resolvers,
  context: () => createContext(),
  jit: 1,
});
await app.listen({ port: settings().port, host: "127.0.0.1" });
ready();
