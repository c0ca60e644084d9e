// Apollo Server as far as it is usually tuned: Fastify, raw SQL, graphql-jit behind the gateway hook.
import { ApolloServer } from "@apollo/server";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import Fastify from "fastify";
import { compileQuery, isCompiledQuery, type CompiledQuery } from "graphql-jit";
import { executableSchema } from "./executable.ts";
import { createContext, type Context } from "./raw.ts";
import { ready, settings } from "./settings.ts";

const schema = executableSchema();
const compiled = new Map<string, CompiledQuery>();
const server = new ApolloServer<Context>({
  gateway: {
    load: () =>
      Promise.resolve({
        executor: async ({ document, operationName, queryHash, request, context }: any) => {
          let query = compiled.get(queryHash);
          if (!query) {
            const made = compileQuery(schema, document, operationName ?? undefined);
            if (!isCompiledQuery(made)) return made;
            compiled.set(queryHash, (query = made));
          }
          return query.query({}, context, request.variables ?? {});
        },
      }),
    onSchemaLoadOrUpdate: (callback: any) => {
      callback({ apiSchema: schema, coreSupergraphSdl: "" });
      return () => undefined;
    },
    stop: () => Promise.resolve(),
  } as any,
});
await server.start();
const app = Fastify();
app.post(
  "/graphql",
  fastifyApolloHandler(server, { context: () => Promise.resolve(createContext()) }) as any,
);
await app.listen({ port: settings().port, host: "127.0.0.1" });
ready();
