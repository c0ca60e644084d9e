import type { GraphQLSchema } from "graphql";
import { getMetadataStorage } from "type-graphql";
import "./compose.ts";
import { buildGraphQLSchema } from "../platform/graphql/schema.ts";

/** The schema of all domains without any store behind it: good for printing and checking, not for running. */
export function buildSchemaOffline(): GraphQLSchema {
  const classes = getMetadataStorage().resolverClasses.map(({ target }) => target);
  const instances = classes.map((target) => Object.create(target.prototype as object) as object);
  return buildGraphQLSchema(instances);
}
