import { ApolloLink } from "@apollo/client";
import { print } from "graphql";

/** As much of `schema/persisted-query-manifest.json` as the client needs. */
export interface OperationManifest {
  readonly operations: readonly {
    readonly id: string;
    readonly name: string;
    readonly body: string;
  }[];
}

/** The stored operations of an app, by name. */
export class StoredOperations {
  private readonly byName: ReadonlyMap<string, { readonly id: string; readonly body: string }>;

  constructor(manifest: OperationManifest) {
    this.byName = new Map(manifest.operations.map((operation) => [operation.name, operation]));
  }

  /** The text that a server with trusted documents accepts; an unknown operation's own. */
  textOf(operation: ApolloLink.Operation): string {
    return this.byName.get(operation.operationName ?? "")?.body ?? print(operation.query);
  }

  /** Sends stored operations over HTTP by their hash alone: smaller requests, and trusted by every server. */
  link(): ApolloLink {
    return new ApolloLink((operation, forward) => {
      const stored = this.byName.get(operation.operationName ?? "");
      if (stored) {
        operation.extensions["persistedQuery"] = { version: 1, sha256Hash: stored.id };
        operation.setContext(({ http }: { http?: Record<string, unknown> }) => ({
          http: { ...http, includeQuery: false, includeExtensions: true },
        }));
      }
      return forward(operation);
    });
  }
}
