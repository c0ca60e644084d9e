import { QueryRunnerAlreadyReleasedError } from "typeorm";

const CONNECTION_CODES = new Set([
  "57P01",
  "57P02",
  "57P03",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
]);
const CONNECTION_TEXT =
  /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|not queryable/i;

const codeOf = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === "string") return code;
  const driver = (error as { driverError?: { code?: unknown } } | null)?.driverError?.code;
  return typeof driver === "string" ? driver : undefined;
};

/** Whether the connection to PostgreSQL broke, so that the statement may or may not have run. */
export function isConnectionLoss(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined && (CONNECTION_CODES.has(code) || code.startsWith("08"))) return true;
  return wasNotSent(error) || (error instanceof Error && CONNECTION_TEXT.test(error.message));
}

/** Whether the connection had broken before the statement could be sent: TypeORM gives a broken one back at once. */
export function wasNotSent(error: unknown): boolean {
  return error instanceof QueryRunnerAlreadyReleasedError;
}

/** Whether PostgreSQL rolled the transaction back in favour of another one (deadlock, serialization). */
export function isLostRace(error: unknown): boolean {
  const code = codeOf(error);
  return code === "40001" || code === "40P01";
}

/** Whether PostgreSQL ended a statement because it took too long. */
export function ranOutOfTime(error: unknown): boolean {
  return codeOf(error) === "57014";
}

/** Whether a statement would have written something in a transaction that only reads. */
export function isForbiddenWrite(error: unknown): boolean {
  return codeOf(error) === "25006";
}
