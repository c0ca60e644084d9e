import { Arg, Authorized, Ctx, Mutation, Resolver } from "type-graphql";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import { callerOf } from "../caller.ts";
import type { PasswordService } from "./password.service.ts";
import {
  ChangePasswordInput,
  ChangePasswordPayload,
  ForgotPasswordInput,
  ForgotPasswordPayload,
  ResetPasswordInput,
  ResetPasswordPayload,
} from "./password.types.ts";

@Resolver()
export class PasswordResolver {
  constructor(private readonly passwords: PasswordService) {}

  @Mutation(() => ForgotPasswordPayload, {
    description: "Mails a link to choose a new password, valid for an hour.",
  })
  forgotPassword(
    @Arg("input", () => ForgotPasswordInput, { description: "The account." })
    { identifier }: ForgotPasswordInput,
    @Ctx() context: Context,
  ): Promise<ForgotPasswordPayload> {
    return payload(ForgotPasswordPayload, async () => {
      await this.passwords.forgotPassword(identifier, callerOf(context));
      return {};
    });
  }

  @Mutation(() => ResetPasswordPayload, {
    description: "Sets a new password by the token that was mailed, and ends all sessions.",
  })
  resetPassword(
    @Arg("input", () => ResetPasswordInput, { description: "The token and the password." })
    { token, newPassword }: ResetPasswordInput,
    @Ctx() context: Context,
  ): Promise<ResetPasswordPayload> {
    return payload(ResetPasswordPayload, async () => {
      await this.passwords.resetPassword(token, newPassword, callerOf(context));
      return {};
    });
  }

  @Authorized()
  @Mutation(() => ChangePasswordPayload, {
    description: "Replaces the viewer's password and ends the viewer's other sessions.",
  })
  changePassword(
    @Arg("input", () => ChangePasswordInput, { description: "Both passwords." })
    input: ChangePasswordInput,
    @Ctx() context: Context,
  ): Promise<ChangePasswordPayload> {
    return payload(ChangePasswordPayload, async () => ({
      endedCount: await this.passwords.changePassword(signedIn(context), input, callerOf(context)),
    }));
  }
}
