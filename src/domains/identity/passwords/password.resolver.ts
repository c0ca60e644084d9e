import { Arg, Authorized, Ctx, Mutation, Resolver } from "type-graphql";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { badUserInput } from "../../../platform/graphql/errors.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import { callerOf } from "../caller.ts";
import type { PasswordService, ResetProof } from "./password.service.ts";
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
    description: "Mails a link, or sends a code by text message, to choose a new password.",
  })
  forgotPassword(
    @Arg("input", () => ForgotPasswordInput, { description: "The account." })
    { identifier }: ForgotPasswordInput,
    @Ctx() context: Context,
  ): Promise<ForgotPasswordPayload> {
    return payload(ForgotPasswordPayload, async () => {
      const { language } = context;
      await this.passwords.forgotPassword({ identifier, language }, callerOf(context));
      return {};
    });
  }

  @Mutation(() => ResetPasswordPayload, {
    description: "Sets a new password by what was mailed or sent, and ends all sessions.",
  })
  resetPassword(
    @Arg("input", () => ResetPasswordInput, { description: "The proof and the password." })
    input: ResetPasswordInput,
    @Ctx() context: Context,
  ): Promise<ResetPasswordPayload> {
    const { newPassword } = input;
    return payload(ResetPasswordPayload, async () => {
      await this.passwords.resetPassword(proofOf(input), newPassword, callerOf(context));
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

/** Either of the two ways, and not both. */
function proofOf({ token, phone, code }: ResetPasswordInput): ResetProof {
  const isNull = (text: string | null | undefined): text is null | undefined =>
    text === null || text === undefined;
  if (!isNull(token) && isNull(phone) && isNull(code)) return { token };
  if (isNull(token) && !isNull(phone) && !isNull(code)) return { phone, code };
  throw badUserInput("Give the token, or phone and code.", ["input"]);
}
