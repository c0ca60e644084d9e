import { GraphQLDateTime } from "graphql-scalars";
import { Arg, Authorized, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import type { Job } from "../../../platform/jobs/job.ts";
import type { ExportService } from "./export.service.ts";
import { DataExport, ExportMyDataInput, ExportMyDataPayload } from "./export.types.ts";

@Resolver(() => DataExport)
export class ExportResolver {
  constructor(private readonly exports: ExportService) {}

  @Authorized()
  @Mutation(() => ExportMyDataPayload, {
    description:
      "Puts everything that is kept about the viewer into one file; one at a time, three in 24 hours. Watch it with `jobChanged`.",
  })
  exportMyData(
    @Arg("input", () => ExportMyDataInput, { description: "Nothing has to be given." })
    { idempotencyKey }: ExportMyDataInput,
    @Ctx() context: Context,
  ): Promise<ExportMyDataPayload> {
    const { userId } = signedIn(context);
    return payload(ExportMyDataPayload, async () => ({
      dataExport: await this.exports.start(userId, idempotencyKey ?? null),
    }));
  }

  @FieldResolver(() => String, { nullable: true })
  downloadUrl(@Root() job: Job): Promise<string | null> {
    return this.exports.downloadUrl(job);
  }

  @FieldResolver(() => GraphQLDateTime, { nullable: true })
  expiresAt(@Root() job: Job): Date | null {
    return this.exports.expiresAt(job);
  }
}
