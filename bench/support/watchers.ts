import WebSocket from "ws";

const WATCH =
  "subscription Watch($id: ID!) { jobChanged(id: $id) { job { id status stage progress version } } }";

/** One socket that watches one job. */
export interface Watcher {
  readonly jobId: string;
  close(): void;
}

/**
 * Opens sockets that watch one job each; resolves when each has received its first frame.
 * @param onFrame Called for every frame with the job's version and the time of its arrival (performance.now).
 */
export async function openWatchers(options: {
  url: string;
  accessToken: string;
  jobIds: readonly string[];
  onFrame: (index: number, version: number, atMs: number) => void;
}): Promise<Watcher[]> {
  const watchers: Watcher[] = [];
  const BATCH = 200;
  for (let start = 0; start < options.jobIds.length; start += BATCH) {
    const batch = options.jobIds.slice(start, start + BATCH);
    watchers.push(
      ...(await Promise.all(batch.map((jobId, offset) => open(options, jobId, start + offset)))),
    );
  }
  return watchers;
}

function open(
  options: Parameters<typeof openWatchers>[0],
  jobId: string,
  index: number,
): Promise<Watcher> {
  const socket = new WebSocket(
    `${options.url.replace("http", "ws")}/graphql`,
    "graphql-transport-ws",
    {
      perMessageDeflate: false,
    },
  );
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("close", (code, reason) => reject(new Error(`closed ${code} ${reason.toString()}`)));
    socket.on("open", () => {
      const payload = { authorization: `Bearer ${options.accessToken}` };
      socket.send(JSON.stringify({ type: "connection_init", payload }));
    });
    socket.on("message", (data: Buffer) => {
      const atMs = performance.now();
      const message = JSON.parse(data.toString()) as { type: string; payload?: any };
      if (message.type === "connection_ack") {
        const payload = { query: WATCH, variables: { id: jobId } };
        socket.send(JSON.stringify({ id: "1", type: "subscribe", payload }));
      } else if (message.type === "next") {
        options.onFrame(index, message.payload.data.jobChanged.job.version as number, atMs);
        resolve({ jobId, close: () => socket.terminate() });
      } else if (message.type === "error") {
        reject(new Error(JSON.stringify(message.payload)));
      }
    });
  });
}
