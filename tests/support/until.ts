/** Waits until a condition holds; fails after the deadline with what was last seen. */
export async function until<T>(
  read: () => Promise<T> | T,
  holds: (value: T) => boolean = Boolean,
  deadlineMs = 20_000,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > end) throw new Error(`Waited in vain; last seen: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
