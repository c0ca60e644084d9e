import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { Payload } from "../../../platform/graphql/problems.ts";
import type { UploadPurpose } from "./upload.repository.ts";

export const UploadPurposes = {
  SELFIE: "SELFIE",
  PROFILE_PICTURE: "PROFILE_PICTURE",
  EMOJI_SOURCE: "EMOJI_SOURCE",
  TRY_ON_SOURCE: "TRY_ON_SOURCE",
} as const satisfies { [P in UploadPurpose]: P };

registerEnumType(UploadPurposes, {
  name: "UploadPurpose",
  description: "What a picture is sent for.",
  valuesConfig: {
    SELFIE: { description: "A selfie to analyse." },
    PROFILE_PICTURE: { description: "The viewer's own picture." },
    EMOJI_SOURCE: { description: "A face to make a sticker of." },
    TRY_ON_SOURCE: { description: "A portrait to try hairstyles on." },
  },
});

@ObjectType({ description: "A header of the request that sends the bytes." })
export class UploadHeader {
  @Field(() => String, { description: "Its name." })
  name!: string;

  @Field(() => String, { description: "Its value; send it exactly as given." })
  value!: string;
}

@ObjectType({ description: "Where and how to send the bytes of one picture." })
export class Upload {
  @Field(() => ID, { description: "What other mutations take as `uploadId`." })
  id!: string;

  @Field(() => String, { description: "Send the bytes here; the address works without a token." })
  url!: string;

  @Field(() => String, { description: "The HTTP method, PUT." })
  method!: string;

  @Field(() => [UploadHeader], { description: "Headers that the request must have." })
  headers!: readonly UploadHeader[];

  @Field(() => GraphQLDateTime, {
    description: "Send the bytes and use the upload before this time.",
  })
  expiresAt!: Date;
}

@InputType({ description: "A picture to send." })
export class CreateUploadInput {
  @Field(() => UploadPurposes, { description: "What it is for." })
  purpose!: UploadPurpose;

  @Field(() => String, {
    description: "image/jpeg, image/png, image/webp or image/gif.",
  })
  contentType!: string;

  @Field(() => Int, { description: "Its exact size in bytes, at most 10 MB (10,485,760)." })
  byteSize!: number;
}

@ObjectType({ description: "The answer of `createUpload`." })
export class CreateUploadPayload extends Payload {
  @Field(() => Upload, { nullable: true, description: "The ticket." })
  upload?: Upload | null;
}
