import { Caller } from "../support/caller.ts";
import { signIn } from "../support/people.ts";
import { ANALYZE, upload } from "../support/selfies.ts";
import { SECRET_KEY, type Shop } from "./shop.ts";

const WISHES = 20;
const PATIENCE_MS = 60_000;
const ADD = `mutation Add($input: AddToWishlistInput!) {
  addToWishlist(input: $input) { problems { code } }
}`;
const ANALYSIS = "query Wait($id: ID!) { skinAnalysis(id: $id) { status } }";

/** Somebody with a wishlist and a finished analysis, whose token holds for the whole benchmark. */
export async function openCustomer({ stage, products }: Shop): Promise<{ accessToken: string }> {
  // Analyses are made by a process beside the one that is measured.
  const { url, child } = await stage.startProcess("all", {
    ACCESS_TOKEN_SECONDS: "86400",
    SECRET_KEY,
  });
  try {
    const { accessToken } = await signIn(url);
    const caller = new Caller(url, accessToken);
    for (const { id } of products.slice(0, WISHES)) {
      await caller.call(ADD, { input: { productId: id } });
    }
    const started = await caller.call(ANALYZE, { input: { uploadId: await upload(caller) } });
    await untilFinished(caller, started.data.analyzeSkin.skinAnalysis.id as string);
    caller.close();
    return { accessToken };
  } finally {
    child.kill("SIGKILL");
  }
}

async function untilFinished(caller: Caller, id: string): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (performance.now() < endMs) {
    const { data } = await caller.call(ANALYSIS, { id });
    const { status } = data.skinAnalysis;
    if (status === "SUCCEEDED") return;
    if (status === "FAILED") break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("The analysis did not succeed.");
}
