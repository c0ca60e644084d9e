/** What the benchmark tells each contender. */
export const settings = () => ({
  url: process.env["DATABASE_URL"]!,
  port: Number(process.env["PORT"]),
  pipeline: process.env["PIPELINE"] === "1",
});

/** Call it when the server listens. */
export const ready = (): void => void process.send?.("ready");
