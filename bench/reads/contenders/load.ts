// A process of its own, so that making the load does not slow the runner: sends requests, tells the figures.
import { once } from "node:events";
import autocannon from "autocannon";

const [order] = await once(process, "message");
const { url, bodies, accessToken, seconds, connections, perSecond, verify } = order;
const REQUESTS_OF_ONE = 64;
const requests: object[] = bodies.map((body: string) => ({
  method: "POST",
  path: "/graphql",
  headers: {
    "content-type": "application/json",
    accept: "application/json",
    ...(accessToken ? { authorization: `Bearer ${accessToken}` } : {}),
  },
  body,
}));

/** Each connection goes through the requests by a stride of its own: no two ask for the same all the time. */
let opened = 0;
function setupClient(client: { setRequests(requests: object[]): void }): void {
  const number = opened++;
  const count = Math.min(REQUESTS_OF_ONE, requests.length);
  const places = [...Array(count).keys()].map((step) => number * 7_919 + step * (2 * number + 1));
  client.setRequests(places.map((place) => requests[place % requests.length]!));
}

const result = await autocannon({
  url,
  connections,
  duration: seconds,
  setupClient,
  requests: requests.slice(0, 1),
  ...(perSecond ? { overallRate: perSecond } : {}),
  ...(verify ? { verifyBody: (body: any) => String(body).startsWith('{"data":{') } : {}),
} as any);
process.send?.({
  perSecond: result.requests.total / result.duration,
  p50: result.latency.p50,
  p99: result.latency.p99,
  failed: result.errors + result.non2xx + result.mismatches,
});
process.disconnect?.();
