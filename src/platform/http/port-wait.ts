import { createServer } from "node:net";

const RETRY_MS = 100;

/**
 * Waits until a port can be listened on: the process that had it before may still be finishing its requests.
 * Resolves after `patienceMs` at the latest; whoever listens then gets the real error.
 */
export async function untilPortIsFree(
  host: string,
  port: number,
  patienceMs: number,
): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (!(await isFree(host, port)) && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code !== "EADDRINUSE");
    });
    probe.listen({ host, port, exclusive: true }, () => {
      probe.close(() => {
        resolve(true);
      });
    });
  });
}
