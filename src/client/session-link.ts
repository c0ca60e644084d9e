import { ApolloLink } from "@apollo/client";
import { from, of, switchMap, type Observable } from "rxjs";
import type { SessionKeeper } from "./session-keeper.ts";

const RENEWABLE = new Set<unknown>(["TOKEN_EXPIRED", "SESSION_ENDED", "MALFORMED_TOKEN"]);

/**
 * Sends the access token and a request id with each operation over HTTP. When the server refuses the token, the session
 * is refreshed – once for all waiting operations – and the operation sent again, once.
 */
export function createSessionLink(session: SessionKeeper): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const requestId = newRequestId();
    const send = (token: string | null, attempt: number): Observable<ApolloLink.Result> => {
      operation.setContext(({ headers }: { headers?: Record<string, string> }) => ({
        headers: {
          ...headers,
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          "x-request-id": attempt === 0 ? requestId : `${requestId}.${attempt}`,
        },
      }));
      return forward(operation);
    };
    const sendAgain = (token: string, result: ApolloLink.Result): Observable<ApolloLink.Result> =>
      from(session.accessToken(token)).pipe(
        switchMap((fresh) => (fresh === null || fresh === token ? of(result) : send(fresh, 1))),
      );
    return from(session.accessToken()).pipe(
      switchMap((token) =>
        send(token, 0).pipe(
          switchMap((result) =>
            token !== null && isTokenRefused(result) ? sendAgain(token, result) : of(result),
          ),
        ),
      ),
    );
  });
}

function isTokenRefused(result: ApolloLink.Result): boolean {
  const errors = "errors" in result ? (result.errors ?? []) : [];
  return errors.some(
    ({ extensions }) =>
      extensions?.["code"] === "UNAUTHENTICATED" && RENEWABLE.has(extensions["reason"]),
  );
}

/** Found again in the server's log and in `extensions.requestId` of errors. */
function newRequestId(): string {
  // Only a name for a log line: React Native has no crypto.randomUUID.
  const part = () => Math.random().toString(36).slice(2, 12);
  return `app-${part()}${part()}`;
}
