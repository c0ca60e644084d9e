import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import { callerOf } from "../caller.ts";
import type { PhoneService } from "./phone.service.ts";
import {
  RequestOtpInput,
  RequestOtpPayload,
  SignUpWithPhoneInput,
  SignUpWithPhonePayload,
  VerifyOtpInput,
  VerifyOtpPayload,
} from "./phone.types.ts";

@Resolver()
export class PhoneResolver {
  constructor(private readonly phones: PhoneService) {}

  @Mutation(() => SignUpWithPhonePayload, {
    description: "Sends a code by text message; `verifyOtp` with it makes the account.",
  })
  signUpWithPhone(
    @Arg("input", () => SignUpWithPhoneInput, { description: "The account." })
    input: SignUpWithPhoneInput,
    @Ctx() context: Context,
  ): Promise<SignUpWithPhonePayload> {
    const account = { ...input, language: input.language ?? context.language };
    return payload(SignUpWithPhonePayload, async () => ({
      expiresAt: await this.phones.signUp(account, callerOf(context)),
    }));
  }

  @Mutation(() => RequestOtpPayload, {
    description: "Sends a code of six digits by text message, valid for five minutes.",
  })
  requestOtp(
    @Arg("input", () => RequestOtpInput, { description: "Phone and purpose." })
    input: RequestOtpInput,
    @Ctx() context: Context,
  ): Promise<RequestOtpPayload> {
    const request = { ...input, language: context.language };
    return payload(RequestOtpPayload, async () => ({
      expiresAt: await this.phones.requestCode(request, callerOf(context)),
    }));
  }

  @Mutation(() => VerifyOtpPayload, {
    description: "Signs in by a code that was sent to sign up or to sign in.",
  })
  verifyOtp(
    @Arg("input", () => VerifyOtpInput, { description: "Phone and code." })
    { phone, code }: VerifyOtpInput,
    @Ctx() context: Context,
  ): Promise<VerifyOtpPayload> {
    return payload(VerifyOtpPayload, async () => ({
      session: await this.phones.verifyCode(phone, code, callerOf(context)),
    }));
  }
}
