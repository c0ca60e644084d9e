import { Arg, Authorized, Ctx, Mutation, Resolver } from "type-graphql";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import { callerOf } from "../caller.ts";
import type { DeletionService } from "./deletion.service.ts";
import { DeleteMyAccountInput, DeleteMyAccountPayload } from "./deletion.types.ts";

@Resolver()
export class DeletionResolver {
  constructor(private readonly deletions: DeletionService) {}

  @Authorized()
  @Mutation(() => DeleteMyAccountPayload, {
    description:
      "Closes the viewer's account for good: all sessions end at once, then everything personal is erased. What was paid and booked stays, without the person.",
  })
  deleteMyAccount(
    @Arg("input", () => DeleteMyAccountInput, { description: "What shows the owner." })
    { password, code, idempotencyKey }: DeleteMyAccountInput,
    @Ctx() context: Context,
  ): Promise<DeleteMyAccountPayload> {
    const wish = {
      password: password ?? null,
      code: code ?? null,
      idempotencyKey: idempotencyKey ?? null,
    };
    return payload(DeleteMyAccountPayload, async () => ({
      accountDeletion: await this.deletions.start(signedIn(context), wish, callerOf(context)),
    }));
  }
}
