import { GraphQLDateTime } from "graphql-scalars";
import { Field, InputType, ObjectType } from "type-graphql";
import { Node } from "../../../platform/graphql/node.ts";
import { Payload } from "../../../platform/graphql/problems.ts";
import type { Job } from "../../../platform/jobs/job.ts";
import { JobInterface } from "../../../platform/jobs/job.types.ts";

@ObjectType({
  implements: [Node, JobInterface],
  description: "Everything that is kept about the viewer, put together into one JSON file.",
})
export class DataExport extends JobInterface {
  @Field(() => String, {
    nullable: true,
    description: "Address of the file, good for ten minutes; null before it is there.",
  })
  downloadUrl!: string | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "When the file is deleted; null before it is there.",
  })
  expiresAt!: Date | null;
}

@InputType({ description: "To have everything exported." })
export class ExportMyDataInput {
  @Field(() => String, {
    nullable: true,
    description: "The same key again answers the same export; 1–128 characters.",
  })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The answer of `exportMyData`." })
export class ExportMyDataPayload extends Payload {
  @Field(() => DataExport, { nullable: true, description: "The export; watch it to its end." })
  dataExport?: Job | null;
}
