// A process of its own, so that making the load does not slow the runner: sends requests, prints figures as JSON.
import autocannon from "autocannon";

const { url, bodies, seconds, connections } = JSON.parse(process.argv[2]!);
const result = await autocannon({
  url,
  connections,
  duration: seconds,
  requests: bodies.map((body: string) => ({
    method: "POST",
    path: "/graphql",
    headers: { "content-type": "application/json", accept: "application/json" },
    body,
  })),
});
process.send?.({
  perSecond: result.requests.total / result.duration,
  p99: result.latency.p99,
  failed: result.errors + result.non2xx,
});
process.disconnect?.();
