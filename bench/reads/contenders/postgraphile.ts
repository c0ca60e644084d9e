import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { grafserv } from "postgraphile/grafserv/node";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { ready, settings } from "./settings.ts";

const { url, port } = settings();
const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({ connectionString: url, schemas: ["public"], poolConfig: { max: 10 } as any }),
  ],
  schema: {
    defaultBehavior: "-connection +list",
    pgForbidSetofFunctionsToReturnNull: false,
  } as any,
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false, port } as any,
  grafast: { explain: false },
});
const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(port, "127.0.0.1", ready);
