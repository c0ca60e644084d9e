import {
  ApolloClient,
  CombinedGraphQLErrors,
  gql,
  InMemoryCache,
  type ApolloLink,
  type TypedDocumentNode,
} from "@apollo/client";
import type { StoredSession } from "./session-keeper.ts";

interface RefreshSessionData {
  readonly refreshSession: { readonly session: IssuedSession | null };
}

/** The same text as the stored operation RefreshSession. */
export const REFRESH_SESSION: TypedDocumentNode<
  RefreshSessionData,
  { input: { refreshToken: string } }
> = gql`
  mutation RefreshSession($input: RefreshSessionInput!) {
    refreshSession(input: $input) {
      session {
        accessToken
        accessTokenExpiresAt
        refreshToken
        viewer {
          id
        }
      }
      problems {
        code
        message
        path
      }
    }
  }
`;

/** The session as every sign-in mutation answers it. */
export interface IssuedSession {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
  readonly viewer: { readonly id: string };
}

/** A wrong clock must not make the app refresh with each request. */
const SHORTEST_LIFE_MS = 60_000;

/** What to keep of a session that a sign-in mutation answered. */
export function storedSession(issued: IssuedSession, nowMs = Date.now()): StoredSession {
  return {
    userId: issued.viewer.id,
    accessToken: issued.accessToken,
    refreshToken: issued.refreshToken,
    expiresAtMs: Math.max(Date.parse(issued.accessTokenExpiresAt), nowMs + SHORTEST_LIFE_MS),
  };
}

/**
 * Trades refresh tokens over a link that sends no access token.
 * @returns a function for `SessionKeeper`: null when the server refuses the token for good.
 */
export function createRefresh(
  link: ApolloLink,
): (session: StoredSession) => Promise<StoredSession | null> {
  // A client of its own: the app's waits for the refresh.
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  return async ({ refreshToken }) => {
    try {
      const { data } = await client.mutate({
        mutation: REFRESH_SESSION,
        variables: { input: { refreshToken } },
        fetchPolicy: "no-cache",
      });
      const issued = data?.refreshSession.session ?? null;
      return issued && storedSession(issued);
    } catch (error) {
      if (isRefusal(error)) return null;
      throw error;
    }
  };
}

const isRefusal = (error: unknown): boolean =>
  CombinedGraphQLErrors.is(error) &&
  error.errors.some(({ extensions }) => extensions?.["code"] === "UNAUTHENTICATED");
