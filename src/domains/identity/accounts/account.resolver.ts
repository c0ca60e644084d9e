import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import { callerOf } from "../caller.ts";
import type { AccountService } from "./account.service.ts";
import {
  RegisterWithEmailInput,
  RegisterWithEmailPayload,
  ResendVerificationEmailInput,
  ResendVerificationEmailPayload,
  VerifyEmailInput,
  VerifyEmailPayload,
} from "./account.types.ts";

@Resolver()
export class AccountResolver {
  constructor(private readonly accounts: AccountService) {}

  @Mutation(() => RegisterWithEmailPayload, {
    description: "Makes an account and mails a link that confirms its address.",
  })
  registerWithEmail(
    @Arg("input", () => RegisterWithEmailInput, { description: "The account." })
    input: RegisterWithEmailInput,
    @Ctx() context: Context,
  ): Promise<RegisterWithEmailPayload> {
    const registration = { ...input, language: input.language ?? context.language };
    return payload(RegisterWithEmailPayload, async () => ({
      email: await this.accounts.registerWithEmail(registration, callerOf(context)),
    }));
  }

  @Mutation(() => VerifyEmailPayload, {
    description: "Confirms an e-mail address by the token that was mailed to it, and signs in.",
  })
  verifyEmail(
    @Arg("input", () => VerifyEmailInput, { description: "The token." })
    { token }: VerifyEmailInput,
    @Ctx() context: Context,
  ): Promise<VerifyEmailPayload> {
    return payload(VerifyEmailPayload, async () => ({
      session: await this.accounts.verifyEmail(token, callerOf(context)),
    }));
  }

  @Mutation(() => ResendVerificationEmailPayload, {
    description: "Mails the link to confirm an address once more.",
  })
  resendVerificationEmail(
    @Arg("input", () => ResendVerificationEmailInput, { description: "The address." })
    { email }: ResendVerificationEmailInput,
    @Ctx() context: Context,
  ): Promise<ResendVerificationEmailPayload> {
    return payload(ResendVerificationEmailPayload, async () => {
      await this.accounts.resendVerificationEmail(email, callerOf(context));
      return {};
    });
  }
}
