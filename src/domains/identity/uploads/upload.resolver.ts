import { Arg, Authorized, Ctx, Mutation, Resolver } from "type-graphql";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import type { UploadService } from "./upload.service.ts";
import { CreateUploadInput, CreateUploadPayload } from "./upload.types.ts";

@Resolver()
export class UploadResolver {
  constructor(private readonly uploads: UploadService) {}

  @Authorized()
  @Mutation(() => CreateUploadPayload, {
    description: "Makes a ticket for sending one picture straight to the file store.",
  })
  createUpload(
    @Arg("input", () => CreateUploadInput, { description: "The picture." })
    input: CreateUploadInput,
    @Ctx() context: Context,
  ): Promise<CreateUploadPayload> {
    const { userId } = signedIn(context);
    return payload(CreateUploadPayload, async () => ({
      upload: await this.uploads.create(userId, input),
    }));
  }
}
