import { problem, refuse, registerProblemCodes } from "../../platform/graphql/problems.ts";
import { ProviderError } from "../../platform/resilience/provider-error.ts";

registerProblemCodes({
  STORE_UNAVAILABLE: "The store does not answer, or nothing is sold there.",
});

/** The store, if this installation has it. Refuses with STORE_UNAVAILABLE otherwise. */
export function openStore<S>(store: S | null): S {
  if (store === null) refuse(storeUnavailable("Nothing is sold here."));
  return store;
}

/** Asks a store. Refuses with STORE_UNAVAILABLE when it fails: nothing was changed, or the store reports it later. */
export async function askStore<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return refuse(storeUnavailable("The store does not answer. Try again later."));
  }
}

const storeUnavailable = (message: string) => problem("STORE_UNAVAILABLE", message);
