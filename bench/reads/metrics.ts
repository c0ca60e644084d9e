/** Reads what a server says about itself: the sum of a metric over all its labels, by name. */
export async function readMetrics(url: string): Promise<(name: string) => number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return (name) => {
    const lines = text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, "gm"));
    return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
  };
}
