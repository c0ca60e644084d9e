import { Agent, request } from "node:http";

const QUERY = "query Poll($id: ID!) { skinAnalysis(id: $id) { id status stage progress version } }";

/** Clients that ask for their job once a second, over keep-alive connections. */
export async function pollers(options: {
  url: string;
  accessToken: string;
  jobIds: readonly string[];
  seconds: number;
}): Promise<{ answered: number; latenciesMs: number[]; seconds: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 512 });
  const latenciesMs: number[] = [];
  const startMs = performance.now();
  const endMs = startMs + options.seconds * 1000;
  await Promise.all(
    options.jobIds.map(async (id, index) => {
      let dueMs = startMs + (index / options.jobIds.length) * 1000;
      while (dueMs < endMs) {
        const waitMs = dueMs - performance.now();
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        if (performance.now() > endMs) return;
        const askedMs = performance.now();
        await ask(options, agent, id);
        latenciesMs.push(performance.now() - askedMs);
        dueMs += 1000;
      }
    }),
  );
  agent.destroy();
  const seconds = (performance.now() - startMs) / 1000;
  return { answered: latenciesMs.length, latenciesMs, seconds };
}

function ask(
  options: { url: string; accessToken: string },
  agent: Agent,
  id: string,
): Promise<void> {
  const body = JSON.stringify({ query: QUERY, variables: { id } });
  return new Promise((resolve, reject) => {
    const call = request(
      `${options.url}/graphql`,
      {
        method: "POST",
        agent,
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${options.accessToken}`,
          "content-length": Buffer.byteLength(body),
        },
      },
      (response) => {
        response.resume();
        response.on("end", resolve);
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}
