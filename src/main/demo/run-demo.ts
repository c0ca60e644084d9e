import WebSocket from "ws";
import { createFacetClient } from "../../client/index.ts";
import { signInAs, signInAsGuest, type DemoUser } from "./demo-user.ts";
import { showAnalysis } from "./products/analysis.ts";
import { showChat } from "./products/chat.ts";
import { showEmoji } from "./products/emoji.ts";
import { showGoals } from "./products/goals.ts";
import { showRoutine } from "./products/routine.ts";
import { showTryOn } from "./products/try-on.ts";

/** What can be shown, by the word that asks for it. */
export const PRODUCTS: ReadonlyMap<string, (user: DemoUser) => Promise<void>> = new Map([
  ["analysis", showAnalysis],
  ["emoji", showEmoji],
  ["tryon", showTryOn],
  ["chat", showChat],
  ["goals", showGoals],
  ["routine", showRoutine],
]);

export interface DemoOptions extends Omit<DemoUser, "client"> {
  readonly show: (user: DemoUser) => Promise<void>;
  /** Who shows it; a new guest when absent. */
  readonly account?: { readonly email: string; readonly password: string };
}

/** Signs in as the app does, shows a product in the terminal, and leaves. @throws DemoFailed */
export async function runDemo({ show, account, ...user }: DemoOptions): Promise<void> {
  const client = createFacetClient({ httpUrl: `${user.url}/graphql`, webSocketImpl: WebSocket });
  try {
    await (account ? signInAs(client, account) : signInAsGuest(client));
    await show({ ...user, client });
  } finally {
    client.stop();
  }
}
