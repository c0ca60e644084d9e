/** `npm run bench:webhooks`: how soon deliveries are answered at a steady pace, and how soon they are applied. */
import {
  bodyOf,
  lampEvent,
  openWebhookBed,
  type WebhookBed,
} from "../tests/platform/webhooks/webhook-bed.ts";
import startStores from "../tests/support/global-setup.ts";
import stopStores from "../tests/support/global-teardown.ts";
import { until } from "../tests/support/until.ts";
import { percentile, printTable, round } from "./support/figures.ts";

const PER_SECOND = Number(process.env["PER_SECOND"] ?? 200);
const SECONDS = Number(process.env["SECONDS"] ?? 20);
const SUBJECTS = 500;
/** Every so many-th delivery repeats an earlier one. */
const REPEAT = 5;
const NOTE = "x".repeat(3_000);

/** Sends each delivery when its time has come, whether or not the earlier ones are answered. */
async function deliverSteadily(bed: WebhookBed) {
  const lamps = Array.from({ length: SUBJECTS }, () => lampEvent().lamp);
  const events = Array.from({ length: PER_SECOND * SECONDS }, (_, index) =>
    lampEvent({ lamp: lamps[index % SUBJECTS]!, at: Date.now() + index }),
  );
  const samples: number[] = [];
  const statuses = new Map<number, number>();
  const startMs = performance.now();
  const calls = events.map(async (event, index) => {
    const dueMs = startMs + (index * 1000) / PER_SECOND;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    const sent = index % REPEAT === REPEAT - 1 ? events[index - REPEAT + 1]! : event;
    const { status } = await bed.post(bodyOf({ ...sent, note: NOTE }), { node: index % 2 });
    samples.push(performance.now() - dueMs);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  });
  await Promise.all(calls);
  return { samples, statuses, expected: events.length - Math.floor(events.length / REPEAT) };
}

await startStores();
const bed = await openWebhookBed();
await bed.work();
const { samples, statuses, expected } = await deliverSteadily(bed);
await until(
  () => bed.rows(),
  (rows) => rows.every(({ status }) => status !== "RECEIVED"),
  60_000,
);
const [applied] = await bed.workshop.database.query<{ rows: number; p50: number; p99: number }>(
  `select count(*)::int as rows,
     percentile_cont(0.5) within group (order by ms) as p50,
     percentile_cont(0.99) within group (order by ms) as p99
   from (select extract(epoch from applied_at - received_at) * 1000 as ms from webhook_events) t`,
);
printTable(`${PER_SECOND} deliveries a second for ${SECONDS} s, two api nodes, one worker`, [
  ["answers", "p50 ms", "p99 ms", "max ms", "events", "of", "applied p50 ms", "applied p99 ms"],
  [
    [...statuses].map(([status, count]) => `${count}×${status}`).join(" "),
    round(percentile(samples, 0.5)),
    round(percentile(samples, 0.99)),
    round(percentile(samples, 1)),
    applied?.rows ?? 0,
    expected,
    round(Number(applied?.p50)),
    round(Number(applied?.p99)),
  ],
]);
await bed.close();
await stopStores();
