import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { JOB_ENDED } from "../../../src/platform/jobs/job.events.ts";
import type { Job } from "../../../src/platform/jobs/job.ts";
import type { TestClient } from "../../support/client.ts";
import type { World } from "../../support/world.ts";

/** An operation as the app sends it. */
export const stored = (name: string): string =>
  readFileSync(`schema/operations/mobile/${name}.graphql`, "utf8");

const NOTIFICATIONS = stored("Notifications");
const REGISTER = stored("RegisterPushToken");

let jobs = 0;

/** Has a job of a person end as far as others can see; returns its id. */
export async function endJob(
  world: World,
  person: TestClient,
  change: Partial<Job> = {},
): Promise<string> {
  const { unitOfWork, events } = world.nodes.at(-1)!.parts;
  const id = change.id ?? `ana_${String((jobs += 1)).padStart(13, "0")}`;
  const job = { id, userId: person.userId, kind: "SKIN_ANALYSIS", status: "SUCCEEDED", ...change };
  await unitOfWork.run((tx) => events.emit(tx, JOB_ENDED, job as Job));
  return id;
}

/** The person's notifications as the list shows them. */
export async function inboxOf(person: TestClient, variables: Record<string, unknown> = {}) {
  const { viewer } = await person.must(NOTIFICATIONS, variables);
  return {
    unread: viewer.unreadNotifications as number,
    nodes: viewer.notifications.nodes as any[],
    pageInfo: viewer.notifications.pageInfo,
    lastEventSeq: viewer.lastEventSeq as number,
  };
}

export async function registerDevice(
  person: TestClient,
  token: string,
  platform = "ANDROID",
): Promise<any> {
  return (await person.must(REGISTER, { input: { token, platform } })).registerPushToken;
}

/** What lies in the folder of pushes. */
export function pushesOf(world: World): any[] {
  const dir = join(world.dataDir, "push");
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith(".json"))
      .map((name) => JSON.parse(readFileSync(join(dir, name), "utf8")));
  } catch {
    return [];
  }
}

/** The next frame of a subscription. */
export async function next(frames: AsyncIterator<any>): Promise<any> {
  const { value, done } = await frames.next();
  if (done) throw new Error("The subscription has ended.");
  if (value.errors) throw new Error(JSON.stringify(value.errors));
  return Object.values(value.data as object)[0];
}

/** States of the pushes about one thing, by device. */
export async function outboxOf(world: World, refId: string): Promise<Record<string, string>> {
  const rows = await world.nodes[0]!.stores.database.query<{ token: string; state: string }>(
    `select t.token, o.state || coalesce(':' || o.last_error, '') as state from push_outbox o
     join push_tokens t on t.id = o.token_id join notifications n on n.id = o.notification_id
     where n.ref_id = $1`,
    [refId],
  );
  return Object.fromEntries(rows.map(({ token, state }) => [token, state]));
}
