import { buildSchema, GraphQLObjectType } from "graphql";
import { resolvers, SDL } from "./raw.ts";

/** The schema with its resolvers attached. */
export function executableSchema() {
  const schema = buildSchema(SDL);
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName) as GraphQLObjectType;
    for (const [name, resolve] of Object.entries(fields)) type.getFields()[name]!.resolve = resolve;
  }
  return schema;
}
