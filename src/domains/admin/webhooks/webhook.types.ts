import { GraphQLDateTime, GraphQLJSON } from "graphql-scalars";
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionTypes, PageArgs } from "../../../platform/graphql/connection.ts";
import { Payload, registerProblemCodes } from "../../../platform/graphql/problems.ts";
import type { WebhookStatus } from "../../../platform/webhooks/webhook-log.repository.ts";

registerProblemCodes({
  WEBHOOK_NOT_PARKED: "The event is neither FAILED nor IGNORED: there is nothing to repeat.",
});

const WebhookStatuses = {
  RECEIVED: "RECEIVED",
  APPLIED: "APPLIED",
  IGNORED: "IGNORED",
  FAILED: "FAILED",
} as const satisfies Record<WebhookStatus, WebhookStatus>;

registerEnumType(WebhookStatuses, {
  name: "WebhookStatus",
  description: "What became of an event that another system sent.",
  valuesConfig: {
    RECEIVED: { description: "Waits to be applied, or to be tried again." },
    APPLIED: { description: "It has taken effect." },
    IGNORED: { description: "It was nothing to us, or older than what was known already." },
    FAILED: { description: "It could not be applied, and somebody has to look at it." },
  },
});

@ObjectType({ description: "An event that another system sent." })
export class AdminWebhookEvent {
  @Field(() => ID, { description: "Opaque." })
  id!: string;

  @Field(() => String, { description: "Who sent it." })
  provider!: string;

  @Field(() => String, { description: "Its type in the sender's words." })
  type!: string;

  @Field(() => String, {
    description: "Whose event it is; those of one subject take effect one after the other.",
  })
  subject!: string;

  @Field(() => WebhookStatuses, { description: "What became of it." })
  status!: WebhookStatus;

  @Field(() => Int, { description: "How often it was tried." })
  attempts!: number;

  @Field(() => String, { nullable: true, description: "Why the last failed attempt failed." })
  lastError!: string | null;

  @Field(() => GraphQLJSON, { description: "What was sent. It may hold personal data." })
  payload!: unknown;

  @Field(() => GraphQLDateTime, { description: "When it happened at the sender." })
  occurredAt!: Date;

  @Field(() => GraphQLDateTime, { description: "When it came." })
  receivedAt!: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: "When it was done with." })
  appliedAt!: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: "When it is tried again." })
  nextAttemptAt!: Date | null;
}

const connection = connectionTypes<AdminWebhookEvent>("AdminWebhookEvent", () => AdminWebhookEvent);
export const AdminWebhookEventConnection = connection.connection;

@ArgsType()
export class AdminWebhookEventsArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: "Only of this sender." })
  provider?: string | null;

  @Field(() => WebhookStatuses, { nullable: true, description: "Only in this state." })
  status?: WebhookStatus | null;
}

@InputType({ description: "Which event to apply again." })
export class AdminReplayWebhookInput {
  @Field(() => ID, { description: "The event." })
  id!: string;
}

@ObjectType({ description: "The outcome of `adminReplayWebhook`." })
export class AdminReplayWebhookPayload extends Payload {
  @Field(() => AdminWebhookEvent, { nullable: true, description: "The event, RECEIVED again." })
  webhookEvent?: unknown;
}
