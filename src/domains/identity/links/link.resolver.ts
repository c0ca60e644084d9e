import { Arg, Authorized, Ctx, Mutation, Resolver } from "type-graphql";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import type { User } from "../accounts/user.repository.ts";
import { callerOf } from "../caller.ts";
import type { LinkService } from "./link.service.ts";
import {
  LinkEmailInput,
  LinkEmailPayload,
  LinkGoogleInput,
  LinkGooglePayload,
  LinkPhoneInput,
  LinkPhonePayload,
} from "./link.types.ts";

@Resolver()
export class LinkResolver {
  constructor(private readonly links: LinkService) {}

  @Authorized()
  @Mutation(() => LinkEmailPayload, {
    description: "Mails a link; following it adds the address to the viewer's account.",
  })
  linkEmail(
    @Arg("input", () => LinkEmailInput, { description: "Address and password." })
    input: LinkEmailInput,
    @Ctx() context: Context,
  ): Promise<LinkEmailPayload> {
    return payload(LinkEmailPayload, async () => ({
      email: await this.links.linkEmail(signedIn(context), input, callerOf(context)),
    }));
  }

  @Authorized()
  @Mutation(() => LinkPhonePayload, {
    description:
      "Sends a code to a phone, and with the code adds the phone to the viewer's account.",
  })
  linkPhone(
    @Arg("input", () => LinkPhoneInput, { description: "Phone, then phone and code." })
    { phone, code }: LinkPhoneInput,
    @Ctx() context: Context,
  ): Promise<LinkPhonePayload> {
    const user = signedIn(context);
    const caller = callerOf(context);
    return payload(LinkPhonePayload, async () => {
      if (code === null || code === undefined) {
        const expiresAt = await this.links.sendPhoneCode(user, phone, caller);
        return { expiresAt, viewer: await reloaded(context, user.userId) };
      }
      await this.links.linkPhone(user, { phone, code }, caller);
      return { viewer: await reloaded(context, user.userId) };
    });
  }

  @Authorized()
  @Mutation(() => LinkGooglePayload, {
    description: "Adds the sign-in with Google to the viewer's account.",
  })
  linkGoogle(
    @Arg("input", () => LinkGoogleInput, { description: "Token and nonce." })
    input: LinkGoogleInput,
    @Ctx() context: Context,
  ): Promise<LinkGooglePayload> {
    const user = signedIn(context);
    return payload(LinkGooglePayload, async () => {
      await this.links.linkGoogle(user, input, callerOf(context));
      return { viewer: await reloaded(context, user.userId) };
    });
  }
}

const reloaded = ({ loaders }: Context, userId: string): Promise<User | null> =>
  loaders.user.clear(userId).load(userId);
