import { randomUUID } from "node:crypto";
import type { Database } from "../db/database.ts";

const LEASE_SECONDS = 60;
const RENEW_EVERY_MS = 10_000;
const NODES = 1024;

/** A node number that this process alone holds, renewed until it is released. */
export interface NodeLease {
  nodeId(): number;
  release(): Promise<void>;
}

/** A fixed node number, for a deployment that hands them out itself. */
export const fixedNode = (nodeId: number): NodeLease => ({
  nodeId: () => nodeId,
  release: () => Promise.resolve(),
});

/**
 * Takes a free node number (0–1023) from PostgreSQL for 60 s and keeps renewing it.
 * `nodeId()` throws when the lease could not be renewed in time, because another process may hold it.
 */
export async function leaseNode(database: Database): Promise<NodeLease> {
  const owner = randomUUID();
  const nodeId = await take(database, owner);
  let validUntilMs = Date.now() + LEASE_SECONDS * 1000;
  const renew = async () => {
    const startedMs = Date.now();
    const rows = await database.query(
      `update node_leases set expires_at = now() + make_interval(secs => $3)
       where node_id = $1 and owner = $2 returning node_id`,
      [nodeId, owner, LEASE_SECONDS],
    );
    if (rows.length === 1) validUntilMs = startedMs + LEASE_SECONDS * 1000;
  };
  // A failed renewal is tried again; the lease outlives five of them.
  const timer = setInterval(() => void renew().catch(() => undefined), RENEW_EVERY_MS).unref();
  return {
    nodeId: () => {
      if (Date.now() > validUntilMs) throw new Error("The lease of the node number ran out.");
      return nodeId;
    },
    release: async () => {
      clearInterval(timer);
      await database.query("delete from node_leases where node_id = $1 and owner = $2", [
        nodeId,
        owner,
      ]);
    },
  };
}

async function take(database: Database, owner: string): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const rows = await database.query<{ node_id: number }>(
      `insert into node_leases (node_id, owner, expires_at)
       select n, $1, now() + make_interval(secs => $2)
       from generate_series(0, $3 - 1) n
       where not exists (select 1 from node_leases l where l.node_id = n and l.expires_at > now())
       order by random() limit 1
       on conflict (node_id) do update set owner = excluded.owner, expires_at = excluded.expires_at
         where node_leases.expires_at <= now()
       returning node_id`,
      [owner, LEASE_SECONDS, NODES],
    );
    const row = rows[0];
    if (row) return row.node_id;
  }
  throw new Error("No node number is free.");
}
