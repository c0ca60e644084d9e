import { ApolloLink, CombinedGraphQLErrors, Observable } from "@apollo/client";
import {
  Kind,
  OperationTypeNode,
  print,
  type FieldNode,
  type GraphQLFormattedError,
} from "graphql";
import type { SocketClient } from "./socket-client.ts";

/** How a subscription says where it stands, and how it is taken up from there. */
interface Resumable {
  /** The argument that takes the position. */
  readonly argument: string;
  /** The position of an event, null when the operation did not select it. */
  readonly positionOf: (event: Event) => number | null;
  /** An event that sets the position anew, whatever it was. */
  readonly isReset: (event: Event) => boolean;
}

type Event = Readonly<Record<string, unknown>>;

const numberOrNull = (value: unknown): number | null => (typeof value === "number" ? value : null);

const RESUMABLE: Readonly<Record<string, Resumable>> = {
  jobChanged: {
    argument: "afterVersion",
    positionOf: (event) => numberOrNull((event["job"] as Event | null)?.["version"]),
    isReset: () => false,
  },
  viewerEvents: {
    argument: "after",
    positionOf: (event) => numberOrNull(event["seq"]),
    isReset: (event) => event["__typename"] === "FeedReset",
  },
  chatMessageAdded: {
    argument: "afterSeq",
    positionOf: (event) => numberOrNull(event["seq"]),
    isReset: () => false,
  },
  achievementUnlocked: {
    argument: "after",
    positionOf: (event) => numberOrNull(event["seq"]),
    isReset: () => false,
  },
  notificationReceived: {
    argument: "after",
    positionOf: (event) => numberOrNull(event["seq"]),
    isReset: () => false,
  },
};

/** Refusals that pass by themselves. */
const PASSING = new Set<unknown>(["RATE_LIMITED", "SERVICE_UNAVAILABLE"]);
const PASSING_RETRY_MS = 1_000;

export interface ResumeLinkOptions {
  /** The text to send for an operation; by default its document, printed. */
  readonly textOf?: (operation: ApolloLink.Operation) => string;
}

/**
 * The terminating link for subscriptions. After each reconnect it subscribes with the last version (`jobChanged`) or
 * number (`viewerEvents`, `notificationReceived`, `achievementUnlocked`) that was seen, so that no event is lost and none comes twice.
 *
 * The operation must pass the position through a variable (`afterVersion: $afterVersion`, `after: $after`) and select
 * `version` or `seq`; other subscriptions simply start again.
 */
export function createResumeLink(
  socket: SocketClient,
  options: ResumeLinkOptions = {},
): ApolloLink {
  return new ApolloLink(
    (operation) =>
      new Observable((observer) => {
        const position = new Position(operation);
        const payload = {
          operationName: operation.operationName ?? null,
          query: options.textOf?.(operation) ?? print(operation.query),
          // graphql-ws reads this for every new socket: each time it is where the subscription stands by then.
          get variables() {
            return position.variables();
          },
        };
        let stop = () => {};
        let timer: ReturnType<typeof setTimeout> | undefined;
        const start = () => {
          stop = socket.subscribe(payload, {
            next: (result) => {
              if (position.isNew(result.data)) observer.next(result as ApolloLink.Result);
            },
            complete: () => {
              observer.complete();
            },
            error: (fault) => {
              const waitMs = passingMs(fault);
              if (waitMs === null) observer.error(asError(fault));
              else timer = setTimeout(start, waitMs);
            },
          });
        };
        start();
        return () => {
          clearTimeout(timer);
          stop();
        };
      }),
  );
}

/** Where one subscription stands. */
class Position {
  private last: number | null = null;
  private readonly field: FieldNode | null;
  private readonly rule: Resumable | null;
  private readonly variable: string | null;

  constructor(private readonly operation: ApolloLink.Operation) {
    this.field = rootFieldOf(operation);
    this.rule = this.field ? (RESUMABLE[this.field.name.value] ?? null) : null;
    const value = this.field?.arguments?.find(
      (argument) => argument.name.value === this.rule?.argument,
    )?.value;
    this.variable = value?.kind === Kind.VARIABLE ? value.name.value : null;
    if (this.variable !== null) this.last = numberOrNull(operation.variables[this.variable]);
  }

  /** The variables to subscribe with from here. */
  variables(): Record<string, unknown> {
    const { variables } = this.operation;
    if (this.variable === null || this.last === null) return variables;
    return { ...variables, [this.variable]: this.last };
  }

  /** Whether data lies beyond the position; moves the position there. */
  isNew(data: unknown): boolean {
    if (!this.field || !this.rule) return true;
    const key = this.field.alias?.value ?? this.field.name.value;
    const event = (data as Event | null | undefined)?.[key];
    if (typeof event !== "object" || event === null) return true;
    const position = this.rule.positionOf(event as Event);
    if (position === null) return true;
    const repeated =
      this.last !== null && position <= this.last && !this.rule.isReset(event as Event);
    if (!repeated) this.last = position;
    return !repeated;
  }
}

function rootFieldOf(operation: ApolloLink.Operation): FieldNode | null {
  for (const definition of operation.query.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    if (definition.operation !== OperationTypeNode.SUBSCRIPTION) continue;
    const fields = definition.selectionSet.selections.filter(
      (selection) => selection.kind === Kind.FIELD,
    );
    return fields.find((field) => !field.name.value.startsWith("__")) ?? null;
  }
  return null;
}

/** How long to wait when a refusal passes by itself, null when it does not. */
function passingMs(fault: unknown): number | null {
  if (!Array.isArray(fault) || fault.length === 0) return null;
  const errors = fault as GraphQLFormattedError[];
  if (!errors.every((error) => PASSING.has(error.extensions?.["code"]))) return null;
  const asked = errors.map((error) => numberOrNull(error.extensions?.["retryAfterMs"]) ?? 0);
  return Math.max(PASSING_RETRY_MS, ...asked) * (1 + 0.2 * Math.random());
}

function asError(fault: unknown): Error {
  if (fault instanceof Error) return fault;
  if (Array.isArray(fault)) {
    return new CombinedGraphQLErrors({ errors: fault as GraphQLFormattedError[] });
  }
  const { code, reason } = (fault ?? {}) as { code?: unknown; reason?: unknown };
  return new Error(
    typeof code === "number"
      ? `The socket was closed with ${code}${typeof reason === "string" && reason !== "" ? ` (${reason})` : ""}.`
      : "The socket failed.",
  );
}
