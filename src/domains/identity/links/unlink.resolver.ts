import { Arg, Authorized, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import type { User } from "../accounts/user.repository.ts";
import { Viewer } from "../accounts/viewer.types.ts";
import { callerOf } from "../caller.ts";
import type { RemovableMethod, SignInMethod } from "./sign-in-method.repository.ts";
import type { UnlinkService } from "./unlink.service.ts";
import {
  SignInMethods,
  UnlinkEmailInput,
  UnlinkEmailPayload,
  UnlinkGoogleInput,
  UnlinkGooglePayload,
  UnlinkPhoneInput,
  UnlinkPhonePayload,
} from "./unlink.types.ts";

@Resolver(() => Viewer)
export class UnlinkResolver {
  constructor(private readonly unlinks: UnlinkService) {}

  @FieldResolver(() => [SignInMethods], {
    description: "What signs this user in. The last one cannot be removed.",
  })
  signInMethods(@Root() user: User): Promise<readonly SignInMethod[]> {
    return this.unlinks.methodsOf(user.id);
  }

  @FieldResolver(() => Boolean, {
    description: "Whether nothing but a device signs this user in.",
  })
  async isGuest(@Root() user: User): Promise<boolean> {
    if (user.email !== null || user.phone !== null) return false;
    return !(await this.unlinks.methodsOf(user.id)).includes("GOOGLE");
  }

  @Authorized()
  @Mutation(() => UnlinkEmailPayload, {
    description: "Removes the e-mail address from the viewer's account, if another way is left.",
  })
  unlinkEmail(
    @Arg("input", () => UnlinkEmailInput, { description: "What shows the owner." })
    { password }: UnlinkEmailInput,
    @Ctx() context: Context,
  ): Promise<UnlinkEmailPayload> {
    return payload(UnlinkEmailPayload, () => this.unlink(context, "EMAIL", password));
  }

  @Authorized()
  @Mutation(() => UnlinkPhonePayload, {
    description: "Removes the phone from the viewer's account, if another way is left.",
  })
  unlinkPhone(
    @Arg("input", () => UnlinkPhoneInput, { description: "What shows the owner." })
    { password }: UnlinkPhoneInput,
    @Ctx() context: Context,
  ): Promise<UnlinkPhonePayload> {
    return payload(UnlinkPhonePayload, () => this.unlink(context, "PHONE", password));
  }

  @Authorized()
  @Mutation(() => UnlinkGooglePayload, {
    description:
      "Removes the sign-in with Google from the viewer's account, if another way is left.",
  })
  unlinkGoogle(
    @Arg("input", () => UnlinkGoogleInput, { description: "What shows the owner." })
    { password }: UnlinkGoogleInput,
    @Ctx() context: Context,
  ): Promise<UnlinkGooglePayload> {
    return payload(UnlinkGooglePayload, () => this.unlink(context, "GOOGLE", password));
  }

  private async unlink(
    context: Context,
    method: RemovableMethod,
    password: string | null | undefined,
  ): Promise<{ viewer: User | null }> {
    const user = signedIn(context);
    await this.unlinks.unlink(user, method, password, callerOf(context));
    return { viewer: await context.loaders.user.clear(user.userId).load(user.userId) };
  }
}
