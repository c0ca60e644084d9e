import "./runner/typescript.ts";

/** Starts the stores that the whole run shares. */
export default async function setUp(): Promise<void> {
  const { startSharedStores } = await import("./shared-stores.ts");
  const stores = await startSharedStores();
  (globalThis as { stopStores?: () => Promise<void> }).stopStores = () => stores.stop();
}
