import { expect } from "@jest/globals";
import type { TestClient } from "../../support/client.ts";
import type { Behaviour, StubProvider } from "../../support/stubs/index.ts";
import { asked, billOf, type ChargeBed, type Product } from "./charge-bed.ts";

/** A job whose worker is killed while it waits for an answer of a provider, and what it then has cost. */
export interface Interruption<Order = any> {
  readonly at: string;
  readonly product: Product<Order>;
  readonly order?: Order;
  /** Whose answer does not come, where it is not the product's own provider. */
  readonly provider?: StubProvider;
  readonly behaviours?: readonly Behaviour[];
  /** The request that is then under way, so many times in all. */
  readonly asked: string;
  readonly times?: number;
  readonly status: "SUCCEEDED" | "FAILED";
  readonly code?: string;
  readonly cost: number;
  readonly entries?: readonly string[];
}

/** An answer that comes too late for everybody. */
export const HANGS = { delayMs: 60_000 };

/** Brings every job to the moment of its interruption, kills the worker of them all, and lets another one go on. */
export async function killAmidst(
  bed: ChargeBed,
  interruptions: readonly Interruption[],
  afterDeath: () => void = () => undefined,
): Promise<void> {
  const victim = await bed.victim();
  const jobs: { id: string; person: TestClient; of: Interruption }[] = [];
  for (const of of interruptions) {
    const provider = of.provider ?? of.product.provider;
    bed.stubs.script(provider, ...(of.behaviours ?? []));
    const person = await bed.person();
    jobs.push({ id: await of.product.start(bed.world, person, of.order), person, of });
    await asked(bed.stubs, provider, of.asked, of.times);
  }
  await victim.kill();
  afterDeath();
  await bed.someWorker();
  const bills = await Promise.all(
    jobs.map(async ({ id, person, of }) => [
      of.at,
      await billOf(bed.world, of.product.unit, person, id),
    ]),
  );
  expect(bills).toEqual(
    interruptions.map(({ at, status, code = null, cost, entries = [] }) => [
      at,
      { status, code, cost, held: 0, entries },
    ]),
  );
}

/** How often a provider was asked for something, over all. */
export const countOf = (bed: ChargeBed, provider: StubProvider, path: string): number =>
  bed.stubs
    .requests(provider)
    .filter((request) => `${request.method} ${request.path}`.includes(path)).length;
