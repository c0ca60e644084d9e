import { Field, ID, InputType, ObjectType } from "type-graphql";
import { Payload } from "../../../platform/graphql/problems.ts";
import type { User } from "../accounts/user.repository.ts";
import { Viewer } from "../accounts/viewer.types.ts";

@InputType({ description: "A picture of the viewer." })
export class SetProfilePictureInput {
  @Field(() => ID, { description: "An upload made for PROFILE_PICTURE, with its bytes sent." })
  uploadId!: string;
}

@InputType({ description: "Nothing has to be given." })
export class RemoveProfilePictureInput {
  @Field(() => String, { nullable: true, description: "Any text; it is not looked at." })
  clientMutationId?: string | null;
}

@ObjectType({ description: "The answer of `setProfilePicture`." })
export class SetProfilePicturePayload extends Payload {
  @Field(() => Viewer, { nullable: true, description: "The viewer with the new picture." })
  viewer?: User | null;
}

@ObjectType({ description: "The answer of `removeProfilePicture`." })
export class RemoveProfilePicturePayload extends Payload {
  @Field(() => Viewer, { nullable: true, description: "The viewer without a picture." })
  viewer?: User | null;
}
