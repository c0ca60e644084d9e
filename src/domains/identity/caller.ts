import type { Context } from "../../platform/graphql/context.ts";

/** Where a request comes from, as far as security cares. */
export interface Caller {
  readonly ip: string;
  readonly userAgent: string | null;
}

const MAX_USER_AGENT = 256;

/** The caller behind a request; an overlong user agent is cut. */
export const callerOf = ({ ip, userAgent }: Pick<Context, "ip" | "userAgent">): Caller => ({
  ip,
  userAgent: userAgent?.slice(0, MAX_USER_AGENT) ?? null,
});
