import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import type { Actor } from "./audit-log.service.ts";

/** Who of the staff asks, and from where. @throws UNAUTHENTICATED for a stranger */
export const actorOf = (context: Context): Actor => ({
  userId: signedIn(context).userId,
  ip: context.ip,
  requestId: context.requestId,
});
