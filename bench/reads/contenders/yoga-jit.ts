import { createServer } from "node:http";
import { useGraphQlJit } from "@envelop/graphql-jit";
import { createYoga } from "graphql-yoga";
import { executableSchema } from "./executable.ts";
import { createContext } from "./raw.ts";
import { ready, settings } from "./settings.ts";

const yoga = createYoga({
  schema: executableSchema(),
  context: () => createContext(),
  logging: false,
  plugins: [useGraphQlJit()],
});
createServer(yoga as any).listen(settings().port, "127.0.0.1", ready);
