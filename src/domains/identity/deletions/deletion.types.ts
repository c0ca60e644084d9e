import { Field, InputType, ObjectType } from "type-graphql";
import { Node } from "../../../platform/graphql/node.ts";
import { Payload } from "../../../platform/graphql/problems.ts";
import type { Job } from "../../../platform/jobs/job.ts";
import { JobInterface } from "../../../platform/jobs/job.types.ts";

@ObjectType({
  implements: [Node, JobInterface],
  description:
    "The erasure of everything personal. Nobody can watch it, because the account is closed; a mail says when it is done.",
})
export class AccountDeletion extends JobInterface {}

@InputType({
  description:
    "What shows the owner: the password, or a code that `requestOtp` sent for SIGN_IN. Neither is needed by an account without a password that signed in within the last ten minutes.",
})
export class DeleteMyAccountInput {
  @Field(() => String, { nullable: true, description: "The password." })
  password?: string | null;

  @Field(() => String, { nullable: true, description: "The six digits sent to the phone." })
  code?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The same key again answers the same deletion; 1–128 characters.",
  })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The answer of `deleteMyAccount`: the last one that the account gets." })
export class DeleteMyAccountPayload extends Payload {
  @Field(() => AccountDeletion, {
    nullable: true,
    description: "The erasure that was begun. All sessions have ended, this one as well.",
  })
  accountDeletion?: Job | null;
}
