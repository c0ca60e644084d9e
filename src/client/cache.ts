import {
  gql,
  InMemoryCache,
  type Cache,
  type DocumentNode,
  type InMemoryCacheConfig,
  type OperationVariables,
  type Reference,
  type TypePolicies,
} from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";
import connections from "../../schema/connections.json" with { type: "json" };
import possibleTypes from "../../schema/possible-types.json" with { type: "json" };

const VERSIONS = new Map<string, DocumentNode>();

/** Reads the version that is stored of a thing. */
function versionFragment(typeName: string): DocumentNode {
  const known = VERSIONS.get(typeName);
  if (known) return known;
  const fragment = gql(`fragment VersionOf${typeName} on ${typeName} { version }`);
  VERSIONS.set(typeName, fragment);
  return fragment;
}

/** Types, their fields that answer a connection, and the arguments that make it another list. */
const CONNECTIONS: Readonly<Record<string, Readonly<Record<string, string[]>>>> = connections;

/**
 * Parts of an analysis that are never replaced: operations that select different fields of them add up. Achievements are known by
 * name.
 */
const WITHOUT_ID: TypePolicies = {
  SkinAnalysisResult: { merge: true },
  SkinMetrics: { merge: true },
  Achievement: { keyFields: ["name"] },
};

type ConnectionPolicy = ReturnType<typeof relayStylePagination>;

/** What `createCachePolicies` gives to `InMemoryCache`. */
export interface CachePolicies {
  readonly possibleTypes: Record<string, string[]>;
  readonly typePolicies: TypePolicies;
}

/**
 * Interfaces and their types, and one policy per connection of the schema: pages become one list, whether an operation
 * selects `edges` or `nodes`; every argument but the paging ones makes a list of its own.
 */
export function createCachePolicies(): CachePolicies {
  const typePolicies: TypePolicies = { ...WITHOUT_ID };
  for (const [typeName, fields] of Object.entries(CONNECTIONS)) {
    typePolicies[typeName] = {
      fields: Object.fromEntries(
        Object.entries(fields).map(([name, keyArgs]) => [name, connectionPolicy(keyArgs)]),
      ),
    };
  }
  return { possibleTypes, typePolicies };
}

/** Relay's paging, which knows only `edges`, taught `nodes`. */
function connectionPolicy(keyArgs: string[]): ConnectionPolicy {
  const relay = relayStylePagination(keyArgs.length === 0 ? false : keyArgs);
  const { merge } = relay;
  if (typeof merge !== "function") return relay;
  return {
    ...relay,
    merge: (existing, incoming, options) => {
      const merged = merge(existing, incoming, options) as Record<string, unknown>;
      const known = nodesOf(existing);
      const page = nodesOf(incoming);
      if (!page) return { ...merged, ...(known ? { nodes: known } : {}) };
      const before = known ?? [];
      const seen = new Set(before.map((node) => node.__ref));
      const added = page.filter((node) => !seen.has(node.__ref));
      const { args } = options;
      if (typeof args?.["after"] === "string") {
        return { ...merged, ...joined(existing, incoming), nodes: [...before, ...added] };
      }
      if (typeof args?.["before"] === "string") {
        return { ...merged, ...joined(incoming, existing), nodes: [...added, ...before] };
      }
      return { ...merged, nodes: page };
    },
  } as ConnectionPolicy;
}

/** Where a list lies that begins with one page and ends with another. */
function joined(first: unknown, last: unknown): { pageInfo?: object } {
  const begin = (first as Page | undefined)?.pageInfo;
  const end = (last as Page | undefined)?.pageInfo;
  if (!begin || !end) return {};
  const { hasPreviousPage, startCursor } = begin;
  return { pageInfo: { ...end, hasPreviousPage, startCursor } };
}

interface Page {
  readonly pageInfo?: Readonly<Record<string, unknown>>;
}

const nodesOf = (page: unknown): readonly Reference[] | undefined =>
  (page as { nodes?: readonly Reference[] } | null | undefined)?.nodes;

/**
 * An InMemoryCache in which whatever has an id and a version – jobs, wallets, payments – only moves forward: what arrives
 * late, such as the answer of the mutation that started a job or a page that was on its way, never replaces a newer state.
 * Operations must select the `version`.
 */
export class FacetCache extends InMemoryCache {
  constructor(config: InMemoryCacheConfig = {}) {
    const policies = createCachePolicies();
    super({
      ...config,
      possibleTypes: { ...policies.possibleTypes, ...config.possibleTypes },
      typePolicies: { ...policies.typePolicies, ...config.typePolicies },
    });
  }

  override write<TData = unknown, TVariables extends OperationVariables = OperationVariables>(
    options: Cache.WriteOptions<TData, TVariables>,
  ): Reference | undefined {
    const overtaken = this.overtakenIn(options.result);
    if (overtaken.length === 0) return super.write(options);
    const stored = this.extract();
    let written: Reference | undefined;
    const writeAndRestore = () => {
      written = super.write(options);
      for (const id of overtaken) this.putBack(id, stored[id] ?? {});
    };
    // One transaction: nobody sees the older state, not even for a moment.
    if (options.broadcast === false) writeAndRestore();
    else this.performTransaction(writeAndRestore);
    return written;
  }

  /** Gives the fields that were known before their values back; what is known for the first time stays. */
  private putBack(id: string, newer: Readonly<Record<string, unknown>>): void {
    this.modify({
      id,
      broadcast: false,
      fields: (value: unknown, { storeFieldName }) =>
        storeFieldName in newer ? newer[storeFieldName] : value,
    });
  }

  /** Cache ids of what is in a result of which a newer version is stored. */
  private overtakenIn(result: unknown): string[] {
    const found = new Set<string>();
    const walk = (value: unknown): void => {
      if (Array.isArray(value)) {
        value.forEach(walk);
      } else if (typeof value === "object" && value !== null) {
        const object = value as Record<string, unknown>;
        if (this.isOvertaken(object)) found.add(this.identify(object as Stored) as string);
        Object.values(object).forEach(walk);
      }
    };
    walk(result);
    return [...found];
  }

  private isOvertaken(object: Record<string, unknown>): boolean {
    const { __typename: typeName, version } = object;
    if (typeof typeName !== "string" || typeof version !== "number") return false;
    const id = this.identify(object as Stored);
    if (id === undefined) return false;
    const fragment = versionFragment(typeName);
    const stored = this.readFragment<{ version: number }>({ id, fragment });
    return stored !== null && stored.version > version;
  }
}

interface Stored {
  readonly __typename: string;
  readonly [field: string]: string | number | undefined;
}
