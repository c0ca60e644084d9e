import { Arg, Authorized, Ctx, Mutation, Resolver } from "type-graphql";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import type { SyncService } from "./sync.service.ts";
import { SyncPurchasesInput, SyncPurchasesPayload } from "./sync.types.ts";

@Resolver()
export class SyncResolver {
  constructor(private readonly syncs: SyncService) {}

  @Authorized()
  @Mutation(() => SyncPurchasesPayload, {
    description:
      "Asks the stores what the user has bought, such as right after a purchase that does not show yet. A store that does not answer is a problem; what the others said counts.",
  })
  async syncPurchases(
    @Arg("input", () => SyncPurchasesInput, { description: "Nothing has to be given." })
    _input: SyncPurchasesInput,
    @Ctx() context: Context,
  ): Promise<SyncPurchasesPayload> {
    const { userId } = signedIn(context);
    const problems = await this.syncs.sync(userId);
    const viewer = await context.loaders.user.load(userId);
    return Object.assign(new SyncPurchasesPayload(), { viewer, problems });
  }
}
