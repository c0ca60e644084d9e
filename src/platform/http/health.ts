import type { FastifyInstance } from "fastify";

const CHECK_TIMEOUT_MS = 1_000;

/** Something that facet needs. */
export interface HealthCheck {
  readonly name: string;
  /** Without a required part the process is not ready; without the others it is degraded. */
  readonly required: boolean;
  check(): Promise<void>;
}

interface PartState {
  status: "up" | "down";
  latencyMs: number;
}

/** `/healthz` says that the process lives, `/readyz` whether it can serve, and how each store does. */
export function healthRoutes(
  app: FastifyInstance,
  checks: readonly HealthCheck[],
): { stopping(): void } {
  let stopping = false;
  app.get("/healthz", () => ({ status: "alive" }));
  app.get("/readyz", async (_request, reply) => {
    const parts: Record<string, PartState> = {};
    await Promise.all(
      checks.map(async (check) => {
        parts[check.name] = await measure(check);
      }),
    );
    const down = checks.filter((check) => parts[check.name]?.status === "down");
    const ready = !stopping && down.every((check) => !check.required);
    const status = stopping
      ? "stopping"
      : !ready
        ? "unavailable"
        : down.length > 0
          ? "degraded"
          : "ready";
    return reply.code(ready ? 200 : 503).send({ status, parts });
  });
  return {
    stopping: () => {
      stopping = true;
    },
  };
}

async function measure(check: HealthCheck): Promise<PartState> {
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error("timeout"));
    }, CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([check.check(), timeout]);
    return { status: "up", latencyMs: round(performance.now() - started) };
  } catch {
    return { status: "down", latencyMs: round(performance.now() - started) };
  } finally {
    clearTimeout(timer);
  }
}

const round = (value: number): number => Math.round(value * 10) / 10;
