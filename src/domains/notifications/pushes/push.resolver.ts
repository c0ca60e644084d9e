import { Arg, Authorized, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import { Viewer } from "../../identity/index.ts";
import type { Preference } from "./preference.repository.ts";
import type { PreferenceService } from "./preference.service.ts";
import type { PushTokenService } from "./push-token.service.ts";
import {
  NotificationPreference,
  RegisterPushTokenInput,
  RegisterPushTokenPayload,
  RemovePushTokenInput,
  RemovePushTokenPayload,
  UpdateNotificationPreferencesInput,
  UpdateNotificationPreferencesPayload,
} from "./push.types.ts";

/** Where the signed-in user gets pushes, and which. */
@Resolver(() => Viewer)
export class PushResolver {
  constructor(
    private readonly tokens: PushTokenService,
    private readonly preferences: PreferenceService,
  ) {}

  @FieldResolver(() => [NotificationPreference], {
    description: "What the user wants pushed, one entry for every kind.",
  })
  notificationPreferences(@Root() { id }: Viewer): Promise<Preference[]> {
    return this.preferences.of(id);
  }

  @Authorized()
  @Mutation(() => UpdateNotificationPreferencesPayload, {
    description: "Changes which kinds of notifications are pushed; all are stored and shown.",
  })
  updateNotificationPreferences(
    @Arg("input", () => UpdateNotificationPreferencesInput, { description: "What to push." })
    input: UpdateNotificationPreferencesInput,
    @Ctx() context: Context,
  ): Promise<UpdateNotificationPreferencesPayload> {
    const { userId } = signedIn(context);
    return payload(UpdateNotificationPreferencesPayload, async () => {
      await this.preferences.change(userId, input.preferences);
      return { viewer: await context.loaders.user.load(userId) };
    });
  }

  @Authorized()
  @Mutation(() => RegisterPushTokenPayload, {
    description:
      "Has a device get the user's pushes until the session ends; call it at each start and sign-in. Of a user's devices the 20 that were registered last count.",
  })
  registerPushToken(
    @Arg("input", () => RegisterPushTokenInput, { description: "The device." })
    { token, platform }: RegisterPushTokenInput,
    @Ctx() context: Context,
  ): Promise<RegisterPushTokenPayload> {
    return payload(RegisterPushTokenPayload, async () => ({
      registration: await this.tokens.register(signedIn(context), { token, platform }),
    }));
  }

  @Authorized()
  @Mutation(() => RemovePushTokenPayload, { description: "Has a device get no more pushes." })
  removePushToken(
    @Arg("input", () => RemovePushTokenInput, { description: "The device." })
    { token }: RemovePushTokenInput,
    @Ctx() context: Context,
  ): Promise<RemovePushTokenPayload> {
    return payload(RemovePushTokenPayload, async () => ({
      removed: await this.tokens.remove(signedIn(context).userId, token),
    }));
  }
}
