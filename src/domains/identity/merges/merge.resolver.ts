import { Arg, Authorized, Ctx, Mutation, Resolver } from "type-graphql";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import { callerOf } from "../caller.ts";
import type { MergeService } from "./merge.service.ts";
import { MergeGuestInput, MergeGuestPayload } from "./merge.types.ts";

@Resolver()
export class MergeResolver {
  constructor(private readonly merges: MergeService) {}

  @Authorized()
  @Mutation(() => MergeGuestPayload, {
    description:
      "Makes everything of a device's guest the viewer's: balances, jobs, uploads, addresses, what was used of limits. The guest is signed out; its device signs the viewer in from now on.",
  })
  mergeGuest(
    @Arg("input", () => MergeGuestInput, { description: "The device." })
    { deviceId, deviceSecret, idempotencyKey }: MergeGuestInput,
    @Ctx() context: Context,
  ): Promise<MergeGuestPayload> {
    const user = signedIn(context);
    const proof = { deviceId, deviceSecret, idempotencyKey: idempotencyKey ?? null };
    return payload(MergeGuestPayload, async () => {
      const merged = await this.merges.merge(user, proof, callerOf(context));
      return { merged, viewer: await context.loaders.user.clear(user.userId).load(user.userId) };
    });
  }
}
