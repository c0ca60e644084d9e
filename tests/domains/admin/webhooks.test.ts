import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { personWith } from "../../support/belongings.ts";
import type { TestClient } from "../../support/client.ts";
import { lifeOf, message, openPaymentsBed, type PaymentsBed } from "../billing/payments-bed.ts";

const EVENTS = /* GraphQL */ `
  query Events($first: Int, $after: String, $provider: String, $status: WebhookStatus) {
    adminWebhookEvents(first: $first, after: $after, provider: $provider, status: $status) {
      nodes {
        id
        provider
        key
        type
        status
        attempts
        lastError
        payload
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;
const REPLAY = /* GraphQL */ `
  mutation Replay($input: AdminReplayWebhookInput!) {
    adminReplayWebhook(input: $input) {
      webhookEvent {
        id
        status
        attempts
      }
      problems {
        code
        path
      }
    }
  }
`;
const DEBTS = /* GraphQL */ `
  query Debts {
    adminDebts {
      nodes {
        debt
        takenBack
        customer {
          id
        }
        payment {
          packageName
          paid {
            amount
          }
        }
      }
    }
  }
`;

let bed: PaymentsBed;
let admin: TestClient;
beforeAll(async () => {
  bed = await openPaymentsBed({ WEBHOOK_EVENT_DAYS: "30" });
  admin = await personWith(bed.world, "ADMIN");
});
afterAll(() => bed.close());

const events = async (variables: object = {}) =>
  (await admin.must(EVENTS, { ...variables })).adminWebhookEvents;

/** What stands in the audit log about a thing. */
const audited = (subject: string) =>
  bed.rows<{ actor_id: string; ip: string; action: string; before: any; after: any }>(
    "select * from audit_log where subject = $1",
    [subject],
  );

test("an event that failed is seen, mended and applied once; who did it is remembered", async () => {
  const person = await bed.world.person();
  const page = await bed.checkout(person);
  const payment = lifeOf(page).payment("succeeded");
  await bed.rows("update credit_checkouts set opened_by = 'usr_wrong' where id = $1", [
    page.reference,
  ]);
  const { id } = await bed.apply(payment);
  await bed.rows("update webhook_events set status = 'FAILED', attempts = 8 where id = $1", [id]);

  const [seen] = (await events({ status: "FAILED", provider: "dodo" })).nodes;
  expect(seen).toMatchObject({
    id,
    key: payment.id,
    type: "payment.succeeded",
    attempts: 8,
    payload: { data: { metadata: { reference: page.reference } } },
  });
  expect(seen.lastError).toContain("somebody else");

  await bed.rows("update credit_checkouts set opened_by = user_id where id = $1", [page.reference]);
  const input = { id };
  const [first, second] = await Promise.all([
    admin.must(REPLAY, { input }),
    admin.at(bed.world.nodes[1]!.url).must(REPLAY, { input }),
  ]);
  const outcomes = [first, second].map(({ adminReplayWebhook }) => adminReplayWebhook);
  const done = outcomes.filter(({ webhookEvent }) => webhookEvent !== null);
  expect(done.map(({ webhookEvent }) => webhookEvent)).toEqual([
    { id, status: "RECEIVED", attempts: 0 },
  ]);
  const refused = outcomes.find(({ webhookEvent }) => webhookEvent === null);
  expect(refused.problems).toEqual([{ code: "WEBHOOK_NOT_PARKED", path: ["input", "id"] }]);
  await bed.applied(payment);
  expect(await bed.credits(person.userId)).toBe(20);
  expect(await audited(id)).toMatchObject([
    {
      actor_id: admin.userId,
      action: "adminReplayWebhook",
      ip: "127.0.0.1",
      before: { status: "FAILED", attempts: 8 },
      after: { status: "RECEIVED", attempts: 0 },
    },
  ]);
  for (const change of ["update audit_log set ip = ''", "delete from audit_log"]) {
    await expect(bed.rows(change)).rejects.toThrow("never changed");
  }
});

test("what was ignored can be applied again; what was applied, or is nothing, cannot", async () => {
  const ignored = await bed.apply(message("payout.success", {}));
  expect(ignored.status).toBe("IGNORED");
  const replay = async (id: string) => admin.send(REPLAY, { input: { id } });
  const { data } = await replay(ignored.id);
  expect(data.adminReplayWebhook.problems).toEqual([]);
  const page = await bed.checkout(await bed.world.person());
  const applied = await bed.apply(lifeOf(page).payment("succeeded"));
  const again = (await replay(applied.id)).data.adminReplayWebhook;
  expect(again.problems).toMatchObject([{ code: "WEBHOOK_NOT_PARKED" }]);
  expect(await audited(applied.id)).toEqual([]);
  expect((await replay("whe_0000000000000")).errors?.[0]?.extensions.code).toBe("NOT_FOUND");
});

test("nobody else sees or changes anything", async () => {
  const { id } = await bed.apply(message("payout.success", {}));
  const others: [TestClient, string][] = [
    [bed.world.stranger(), "UNAUTHENTICATED"],
    [await bed.world.person(), "FORBIDDEN"],
    [await personWith(bed.world, "MODERATOR"), "FORBIDDEN"],
  ];
  for (const [other, code] of others) {
    for (const ask of [EVENTS, DEBTS]) {
      expect((await other.send(ask)).errors?.[0]?.extensions.code).toBe(code);
    }
    const answer = await other.send(REPLAY, { input: { id } });
    expect(answer.errors?.[0]?.extensions.code).toBe(code);
  }
  expect(await audited(id)).toEqual([]);
});

test("events are paged, newest first", async () => {
  for (let index = 0; index < 3; index += 1) await bed.apply(message("payout.success", {}));
  const all = (await events()).nodes.map(({ id }: any) => id);
  expect(all).toEqual([...all].sort().reverse());
  const first = await events({ first: 2 });
  const rest = await events({ first: 100, after: first.pageInfo.endCursor });
  expect([...first.nodes, ...rest.nodes].map(({ id }: any) => id)).toEqual(all);
  expect((await events({ provider: "nobody" })).nodes).toEqual([]);
});

test("the staff sees who owes what", async () => {
  const person = await bed.world.person();
  const life = lifeOf(await bed.checkout(person));
  await bed.apply(life.payment("succeeded"));
  const { unitOfWork, wallet } = bed.world.nodes[0]!.parts;
  const spent = { reference: { type: "job", id: randomUUID() }, key: randomUUID() };
  await unitOfWork.run((tx) =>
    wallet.wallets.spend(tx, { ...spent, userId: person.userId, currency: "CREDITS", amount: 13 }),
  );
  await bed.apply(life.refund(null));
  const { nodes } = (await admin.must(DEBTS)).adminDebts;
  expect(nodes).toEqual([
    {
      debt: 13,
      takenBack: 7,
      customer: { id: person.userId },
      payment: { packageName: "CREDITS_20", paid: { amount: "20.00" } },
    },
  ]);
});

test("old events go in batches; what failed or waits stays", async () => {
  const old = async (count: number, status: string, days: number) => {
    const done = status === "APPLIED" || status === "IGNORED";
    await bed.rows(
      `insert into webhook_events (id, provider, event_id, type, occurred_at, subject, payload,
         body_sha256, status, received_at, applied_at)
       select concat('whe_', $2::text, $3::int, n), 'old', concat($2::text, $3::int, n), 't', now(), 's', '{}', '', $2,
         now() - make_interval(days => $3::int), case when $4 then now() - make_interval(days => $3::int) end
       from generate_series(1, $1) n`,
      [count, status, days, done],
    );
  };
  await old(1_200, "APPLIED", 31);
  await old(1_000, "IGNORED", 400);
  await old(3, "APPLIED", 29);
  await old(2, "FAILED", 400);
  await old(1, "RECEIVED", 400);
  const { modules } = bed.world.nodes[0]!.parts;
  const crons = modules.flatMap((module) => module.crons ?? []);
  await crons.find(({ name }) => name === "prune_webhook_events")!.run();
  expect(
    await bed.rows(
      `select status, count(*)::int as count from webhook_events where provider = 'old'
       group by status order by status`,
    ),
  ).toEqual([
    { status: "APPLIED", count: 3 },
    { status: "FAILED", count: 2 },
    { status: "RECEIVED", count: 1 },
  ]);
});
