import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import { callerOf } from "../caller.ts";
import type { OpenIdService } from "./open-id.service.ts";
import {
  FinishGoogleSignInInput,
  FinishGoogleSignInPayload,
  GoogleAuthUrlInput,
  GoogleAuthUrlPayload,
  LoginWithGoogleInput,
  LoginWithGooglePayload,
} from "./open-id.types.ts";

@Resolver()
export class OpenIdResolver {
  constructor(private readonly openId: OpenIdService) {}

  @Mutation(() => GoogleAuthUrlPayload, {
    description: "Begins a sign-in with Google in the browser.",
  })
  googleAuthUrl(
    @Arg("input", () => GoogleAuthUrlInput, { description: "Where to end." })
    { returnTo }: GoogleAuthUrlInput,
    @Ctx() context: Context,
  ): Promise<GoogleAuthUrlPayload> {
    return payload(GoogleAuthUrlPayload, () =>
      this.openId.begin(returnTo ?? null, callerOf(context)),
    );
  }

  @Mutation(() => FinishGoogleSignInPayload, {
    description: "Gives the session of a sign-in to the client that began it, once.",
  })
  finishGoogleSignIn(
    @Arg("input", () => FinishGoogleSignInInput, { description: "Code and secret." })
    { code, secret }: FinishGoogleSignInInput,
    @Ctx() context: Context,
  ): Promise<FinishGoogleSignInPayload> {
    return payload(FinishGoogleSignInPayload, async () => ({
      session: await this.openId.finish(code, secret, callerOf(context)),
    }));
  }

  @Mutation(() => LoginWithGooglePayload, {
    description:
      "Signs in by a Google id token; the first time it makes the account or finds it by address.",
  })
  loginWithGoogle(
    @Arg("input", () => LoginWithGoogleInput, { description: "Token and nonce." })
    { idToken, nonce }: LoginWithGoogleInput,
    @Ctx() context: Context,
  ): Promise<LoginWithGooglePayload> {
    const proof = { idToken, nonce, language: context.language };
    return payload(LoginWithGooglePayload, async () => ({
      session: await this.openId.loginWithIdToken(proof, callerOf(context)),
    }));
  }
}
