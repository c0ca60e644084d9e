import { Arg, Authorized, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { badUserInput, unauthenticated } from "../../../platform/graphql/errors.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import type { User } from "./user.repository.ts";
import type { UserService } from "./user.service.ts";
import { UpdateProfileInput, UpdateProfilePayload, Viewer } from "./viewer.types.ts";

@Resolver(() => Viewer)
export class ViewerResolver {
  constructor(private readonly users: UserService) {}

  @Authorized()
  @Query(() => Viewer, { nullable: true, description: "The signed-in user." })
  async viewer(@Ctx() context: Context): Promise<User> {
    const user = await context.loaders.user.load(signedIn(context).userId);
    // A user can be gone before the last access token is.
    if (!user) throw unauthenticated("SESSION_ENDED");
    return user;
  }

  @Authorized()
  @Mutation(() => UpdateProfilePayload, { description: "Changes the viewer's own data." })
  updateProfile(
    @Arg("input", () => UpdateProfileInput, { description: "What to change." })
    input: UpdateProfileInput,
    @Ctx() context: Context,
  ): Promise<UpdateProfilePayload> {
    const { userId } = signedIn(context);
    return payload(UpdateProfilePayload, async () => {
      const { dateOfBirth, gender } = input;
      const change = {
        firstName: notNull(input.firstName, "firstName"),
        lastName: notNull(input.lastName, "lastName"),
        language: notNull(input.language, "language"),
        timeZone: notNull(input.timeZone, "timeZone"),
        skinType: notNull(input.skinType, "skinType"),
        dateOfBirth,
        gender,
      };
      return { viewer: await this.users.updateProfile(userId, change) };
    });
  }
}

/** Left out means unchanged; null is no value of these fields. */
function notNull<T>(value: T | null | undefined, field: string): T | undefined {
  if (value === null) throw badUserInput("This cannot be removed.", ["input", field]);
  return value;
}
