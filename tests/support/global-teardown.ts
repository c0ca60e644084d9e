/** Stops the stores that the run shared. */
export default async function tearDown(): Promise<void> {
  await (globalThis as { stopStores?: () => Promise<void> }).stopStores?.();
}
