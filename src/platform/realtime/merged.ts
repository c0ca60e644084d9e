import DataLoader from "dataloader";

const GAP_MS = 8;
const MAX_BATCH = 500;

/**
 * Merges calls of many callers into few: at once when it is quiet, else at most every 8 ms with all that came meanwhile.
 * So a single caller waits for nothing, and a thousand callers do not make a thousand statements.
 * @param work Answers a batch, in the order of its requests.
 */
export function merged<Request, Answer>(
  work: (requests: readonly Request[]) => Promise<readonly Answer[]>,
): (request: Request) => Promise<Answer> {
  let startedMs = -Infinity;
  const loader = new DataLoader<Request, Answer>(
    (requests) => {
      startedMs = performance.now();
      return work(requests);
    },
    {
      cache: false,
      maxBatchSize: MAX_BATCH,
      batchScheduleFn: (start) => {
        const waitMs = startedMs + GAP_MS - performance.now();
        if (waitMs > 0) setTimeout(start, Math.ceil(waitMs));
        else setImmediate(start);
      },
    },
  );
  return (request) => loader.load(request);
}
