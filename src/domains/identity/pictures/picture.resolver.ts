import { Arg, Authorized, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import type { User } from "../accounts/user.repository.ts";
import { Viewer } from "../accounts/viewer.types.ts";
import type { PictureService } from "./picture.service.ts";
import {
  RemoveProfilePictureInput,
  RemoveProfilePicturePayload,
  SetProfilePictureInput,
  SetProfilePicturePayload,
} from "./picture.types.ts";

@Resolver(() => Viewer)
export class PictureResolver {
  constructor(private readonly pictures: PictureService) {}

  @FieldResolver(() => String, {
    nullable: true,
    description: "Where the viewer's picture can be fetched for an hour; null without one.",
  })
  profilePictureUrl(@Root() user: User): Promise<string | null> {
    return this.pictures.urlOf(user.profilePicture);
  }

  @Authorized()
  @Mutation(() => SetProfilePicturePayload, {
    description: "Makes an upload the viewer's picture: upright, at most 512 pixels, no metadata.",
  })
  setProfilePicture(
    @Arg("input", () => SetProfilePictureInput, { description: "The upload." })
    { uploadId }: SetProfilePictureInput,
    @Ctx() context: Context,
  ): Promise<SetProfilePicturePayload> {
    const { userId } = signedIn(context);
    return payload(SetProfilePicturePayload, async () => {
      await this.pictures.set(userId, uploadId);
      return { viewer: await reloaded(context, userId) };
    });
  }

  @Authorized()
  @Mutation(() => RemoveProfilePicturePayload, { description: "Deletes the viewer's picture." })
  removeProfilePicture(
    @Arg("input", () => RemoveProfilePictureInput, { description: "Nothing has to be given." })
    _input: RemoveProfilePictureInput,
    @Ctx() context: Context,
  ): Promise<RemoveProfilePicturePayload> {
    const { userId } = signedIn(context);
    return payload(RemoveProfilePicturePayload, async () => {
      await this.pictures.remove(userId);
      return { viewer: await reloaded(context, userId) };
    });
  }
}

const reloaded = ({ loaders }: Context, userId: string): Promise<User | null> =>
  loaders.user.clear(userId).load(userId);
