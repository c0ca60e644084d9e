import {
  Arg,
  Args,
  Authorized,
  Ctx,
  FieldResolver,
  Mutation,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import {
  connectionOf,
  pageRequest,
  type Connection,
} from "../../../platform/graphql/connection.ts";
import type { Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import type { LoggedWebhook } from "../../../platform/webhooks/webhook-log.repository.ts";
import { actorOf } from "../audit/actor.ts";
import type { WebhookLogService } from "./webhook-log.service.ts";
import {
  AdminReplayWebhookInput,
  AdminReplayWebhookPayload,
  AdminWebhookEvent,
  AdminWebhookEventConnection,
  AdminWebhookEventsArgs,
} from "./webhook.types.ts";

const NEWEST_FIRST = "admin.webhooks.newest";

@Resolver(() => AdminWebhookEvent)
export class AdminWebhookResolver {
  constructor(private readonly webhooks: WebhookLogService) {}

  @FieldResolver(() => String, { description: "What the sender calls it." })
  key(@Root() event: LoggedWebhook): string {
    return event.eventId;
  }

  @Authorized("ADMIN")
  @Query(() => AdminWebhookEventConnection, {
    description: "What other systems sent, newest first.",
  })
  async adminWebhookEvents(
    @Args(() => AdminWebhookEventsArgs) args: AdminWebhookEventsArgs,
  ): Promise<Connection<LoggedWebhook>> {
    const page = pageRequest(args, NEWEST_FIRST);
    const filter = { provider: args.provider ?? null, status: args.status ?? null };
    const rows = await this.webhooks.pageOf(filter, page);
    return connectionOf(rows, page, NEWEST_FIRST, (event) => [event.id]);
  }

  @Authorized("ADMIN")
  @Mutation(() => AdminReplayWebhookPayload, {
    description: "Applies an event again that failed or was ignored.",
  })
  adminReplayWebhook(
    @Arg("input", () => AdminReplayWebhookInput, { description: "The event." })
    input: AdminReplayWebhookInput,
    @Ctx() context: Context,
  ): Promise<AdminReplayWebhookPayload> {
    return payload(AdminReplayWebhookPayload, async () => ({
      webhookEvent: await this.webhooks.replay(actorOf(context), input.id),
    }));
  }
}
