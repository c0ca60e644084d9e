import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { withRequestId } from "../observe/request-id.ts";
import type { Receipt, WebhookInbox } from "./webhook-inbox.ts";

const MAX_BODY_BYTES = 1024 * 1024;

/** Serves `POST /webhooks/<provider>` for each source of the inbox: 200 when the event is safe, 401 when it is not genuine. */
export async function registerWebhookRoutes(
  app: FastifyInstance,
  inbox: WebhookInbox,
): Promise<void> {
  await app.register((routes, _options, done) => {
    // A signature is over the bytes as they came: nothing may parse them first.
    routes.removeAllContentTypeParsers();
    routes.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, parsed) => {
      parsed(null, body);
    });
    for (const provider of inbox.providers) {
      routes.post(`/webhooks/${provider}`, { bodyLimit: MAX_BODY_BYTES }, (request, reply) =>
        withRequestId(request.id, () => receive(inbox, provider, request, reply)),
      );
    }
    done();
  });
}

async function receive(
  inbox: WebhookInbox,
  provider: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const receipt = await inbox.receive(provider, body, request.headers);
  if (receipt === "STORED" || receipt === "DUPLICATE") {
    // Some senders take any other status, even 204, for a failure.
    return reply.code(200).send({ received: true });
  }
  const { status, code, message } = REFUSALS[receipt];
  return reply
    .code(status)
    .send({ errors: [{ message, extensions: { code, requestId: request.id } }] });
}

const REFUSALS: Readonly<
  Record<
    Exclude<Receipt, "STORED" | "DUPLICATE">,
    { readonly status: number; readonly code: string; readonly message: string }
  >
> = {
  REFUSED: { status: 401, code: "INVALID_SIGNATURE", message: "The signature is not valid." },
  UNREADABLE: { status: 400, code: "BAD_REQUEST", message: "The body is not an event." },
};
