import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { FastifyInstance } from "fastify";

const SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const JOB_SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
/** More names than the apps have operations means that somebody invents names. */
const MAX_OPERATION_NAMES = 200;

/** Everything that facet measures about itself, in the form that Prometheus reads. */
export class Metrics {
  readonly registry = new Registry();
  private readonly operationNames = new Set<string>();
  private readonly operations = new Histogram({
    name: "facet_operation_seconds",
    help: "Duration of GraphQL operations over HTTP.",
    labelNames: ["operation", "type", "failed"],
    buckets: SECONDS,
    registers: [this.registry],
  });
  private readonly statements = new Histogram({
    name: "facet_operation_statements",
    help: "SQL statements of one GraphQL operation.",
    labelNames: ["operation"],
    buckets: [0, 1, 2, 4, 8, 16, 32],
    registers: [this.registry],
  });
  private readonly sockets = new Gauge({
    name: "facet_sockets_open",
    help: "Open WebSockets.",
    registers: [this.registry],
  });
  private readonly subscriptions = new Gauge({
    name: "facet_subscriptions_open",
    help: "Open subscriptions.",
    registers: [this.registry],
  });
  private readonly jobs = new Histogram({
    name: "facet_job_seconds",
    help: "Duration of one run of a job.",
    labelNames: ["kind", "outcome"],
    buckets: JOB_SECONDS,
    registers: [this.registry],
  });
  private readonly providerCalls = new Histogram({
    name: "facet_provider_seconds",
    help: "Duration of calls to providers.",
    labelNames: ["provider", "operation", "outcome"],
    buckets: SECONDS,
    registers: [this.registry],
  });
  private readonly breakers = new Gauge({
    name: "facet_provider_breaker_open",
    help: "1 while a provider's circuit breaker is open.",
    labelNames: ["provider"],
    registers: [this.registry],
  });
  private readonly failures = new Counter({
    name: "facet_failed_operations_total",
    help: "GraphQL operations that answered at least one error.",
    labelNames: ["operation"],
    registers: [this.registry],
  });

  constructor(options: { defaults: boolean }) {
    if (options.defaults) collectDefaultMetrics({ register: this.registry });
  }

  operation(report: {
    name: string;
    type: string;
    failed: boolean;
    durationMs: number;
    statements: number;
  }): void {
    const operation = this.knownName(report.name);
    this.operations.observe(
      { operation, type: report.type, failed: String(report.failed) },
      report.durationMs / 1000,
    );
    this.statements.observe({ operation }, report.statements);
    if (report.failed) this.failures.inc({ operation });
  }

  socketCount(sockets: number, subscriptions: number): void {
    this.sockets.set(sockets);
    this.subscriptions.set(subscriptions);
  }

  jobRun(report: { kind: string; outcome: string; durationMs: number }): void {
    this.jobs.observe({ kind: report.kind, outcome: report.outcome }, report.durationMs / 1000);
  }

  providerCall(call: {
    provider: string;
    operation: string;
    outcome: string;
    durationMs: number;
  }): void {
    const { durationMs, ...labels } = call;
    this.providerCalls.observe(labels, durationMs / 1000);
  }

  breaker(provider: string, open: boolean): void {
    this.breakers.set({ provider }, open ? 1 : 0);
  }

  /** Serves the figures at `/metrics`. */
  routes = (app: FastifyInstance): void => {
    app.get("/metrics", async (_request, reply) =>
      reply.type(this.registry.contentType).send(await this.registry.metrics()),
    );
  };

  private knownName(name: string): string {
    if (this.operationNames.size < MAX_OPERATION_NAMES) this.operationNames.add(name);
    return this.operationNames.has(name) ? name : "other";
  }
}
