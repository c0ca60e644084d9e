import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { acceptForms, answerPage, formOf, queryText } from "../../../platform/http/html-page.ts";
import { checkoutPage } from "./checkout.page.ts";
import { customerPage } from "./customer.page.ts";
import { page, soft } from "./frame.ts";
import { overviewPage } from "./overview.page.ts";
import { phonePage } from "./phone.page.ts";
import type { StoreDesk } from "./store-desk.ts";

const BASE = "/local-store";
const USER_ID = /^usr_[0-9A-Za-z]{1,60}$/;

/** Serves the pages of the local store. */
export async function registerStoreRoutes(app: FastifyInstance, desk: StoreDesk): Promise<void> {
  await app.register((routes, _options, done) => {
    acceptForms(routes);
    overviewRoutes(routes, desk);
    checkoutRoutes(routes, desk);
    customerRoutes(routes, desk);
    phoneRoutes(routes, desk);
    done();
  });
}

function overviewRoutes(routes: FastifyInstance, desk: StoreDesk): void {
  routes.get(BASE, async (_request, reply) =>
    answerPage(reply, 200, overviewPage(await desk.overview())),
  );
  routes.post(`${BASE}/webhooks`, async (request, reply) => {
    const form = formOf(request);
    if (!desk.isToken(BASE, form.get("token"))) return strange(reply);
    await desk.hold(form.get("held") === "true");
    return reply.redirect(BASE, 303);
  });
}

function checkoutRoutes(routes: FastifyInstance, desk: StoreDesk): void {
  routes.get(`${BASE}/checkouts/:id`, async (request, reply) => {
    const found = await desk.checkout(parameter(request, "id"));
    if (!found) return missing(reply);
    const { buyer, checkout } = found;
    const html = checkoutPage(buyer, checkout, desk.find(checkout.productId));
    const targets = [new URL(checkout.successUrl), new URL(checkout.cancelUrl)];
    return answerPage(reply, 200, html, targets);
  });
  routes.post(`${BASE}/checkouts/:id/:act`, async (request, reply) => {
    const next = await desk.decideCheckout(parameter(request, "id"), parameter(request, "act"));
    return next === null ? missing(reply) : reply.redirect(next, 303);
  });
}

function customerRoutes(routes: FastifyInstance, desk: StoreDesk): void {
  const path = `${BASE}/customers/:id`;
  routes.get(path, async (request, reply) => {
    const buyer = await desk.customer(parameter(request, "id"));
    return buyer ? answerPage(reply, 200, customerPage(buyer, desk.find, null)) : missing(reply);
  });
  routes.post(`${path}/subscriptions/:subscription/:act`, async (request, reply) => {
    const id = parameter(request, "id");
    const [subscription, act] = [parameter(request, "subscription"), parameter(request, "act")];
    const done = await desk.decideSubscription(id, subscription, act);
    return done ? reply.redirect(`${BASE}/customers/${id}`, 303) : missing(reply);
  });
  routes.post(`${path}/payments/:payment/refund`, async (request, reply) => {
    const id = parameter(request, "id");
    const amount = formOf(request).get("amount") ?? "";
    const outcome = await desk.refund(id, parameter(request, "payment"), amount);
    const buyer = await desk.customer(id);
    if (!outcome || !buyer) return missing(reply);
    return outcome.fault === null
      ? reply.redirect(`${BASE}/customers/${id}`, 303)
      : answerPage(reply, 422, customerPage(buyer, desk.find, outcome.fault));
  });
}

function phoneRoutes(routes: FastifyInstance, desk: StoreDesk): void {
  const path = `${BASE}/apps/:userId`;
  const pathOf = (userId: string): string => `${BASE}/apps/${userId}`;
  routes.get(`${BASE}/apps`, (request, reply) => {
    const userId = queryText(request, "user").trim();
    return USER_ID.test(userId) ? reply.redirect(pathOf(userId), 303) : missing(reply);
  });
  routes.get(path, async (request, reply) => {
    const userId = parameter(request, "userId");
    if (!USER_ID.test(userId)) return missing(reply);
    const buyer = await desk.phoneOf(userId);
    const token = desk.token(pathOf(userId));
    return answerPage(reply, 200, phonePage(userId, buyer, desk.phoneGoods(), token));
  });
  const act = (decide: (request: FastifyRequest, userId: string) => Promise<boolean>) => {
    return async (request: FastifyRequest, reply: FastifyReply) => {
      const userId = parameter(request, "userId");
      if (!USER_ID.test(userId)) return missing(reply);
      if (!desk.isToken(pathOf(userId), formOf(request).get("token"))) return strange(reply);
      const done = await decide(request, userId);
      return done ? reply.redirect(pathOf(userId), 303) : missing(reply);
    };
  };
  const buying = act((request, userId) =>
    desk.buyOnPhone(userId, formOf(request).get("product") ?? ""),
  );
  const deciding = act((request, userId) =>
    desk.decideOnPhone(userId, parameter(request, "item"), parameter(request, "act")),
  );
  routes.post(`${path}/buy`, buying);
  routes.post(`${path}/items/:item/:act`, deciding);
}

const missing = (reply: FastifyReply): FastifyReply =>
  answerPage(reply, 404, page("Nothing here", soft("There is no such thing in this store."), true));

const strange = (reply: FastifyReply): FastifyReply =>
  answerPage(reply, 403, page("Not from here", soft("Open the page again and repeat it."), true));

function parameter(request: FastifyRequest, name: string): string {
  const value = (request.params as Record<string, unknown>)[name];
  return typeof value === "string" ? value : "";
}
