/** What the benchmark tells each contender. */
export const settings = () => ({
  url: process.env["DATABASE_URL"]!,
  port: Number(process.env["PORT"]),
  pipeline: process.env["PIPELINE"] === "1",
});

/** Call it when the server listens. */
export const ready = (): void => void process.send?.("ready");

/** Where a list newest first goes on: behind the product of the cursor, or at its start. */
export function keysetOf(after: string | null | undefined): { publishedAt: string; id: string } {
  if (after == null) return { publishedAt: "infinity", id: "" };
  const [publishedAt = "", id = ""] = Buffer.from(after, "base64url").toString().split(" ");
  return { publishedAt, id };
}
