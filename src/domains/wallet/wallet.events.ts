import type { Tx } from "../../platform/db/unit-of-work.ts";
import type { Feed } from "../../platform/events/feed.ts";
import type { Nudges } from "../../platform/realtime/nudges.ts";
import type { Sweep, SweptWatcher } from "../../platform/realtime/sweep.ts";
import { watch } from "../../platform/realtime/watch.ts";
import { walletId, type WalletKey } from "./wallet.id.ts";
import type { Wallet, WalletRepository } from "./wallet.repository.ts";

/** Topic of the feed for wallets. */
export const WALLET_TOPIC = "WALLET";

/** All wallets of a user at one moment. */
export interface WalletState {
  readonly wallets: Wallet[];
  /** Rises with each change of any of them. */
  readonly version: number;
}

/** Brings changes of wallets to their owner's screens. */
export class WalletEvents {
  constructor(
    private readonly dependencies: {
      readonly wallets: WalletRepository;
      readonly feed: Feed;
      readonly nudges: Nudges;
      /** Sweeps over the users whose wallets are watched in this process. */
      readonly sweep: Sweep;
    },
  ) {}

  /** Appends to the owner's feed, and nudges the watchers after the commit. @param version The wallet's new version. */
  async changed(tx: Tx, wallet: WalletKey, version: number): Promise<void> {
    const { feed, nudges } = this.dependencies;
    await feed.append(tx, wallet.userId, { topic: WALLET_TOPIC, refId: walletId(wallet), version });
    tx.afterCommit(() => {
      nudges.send(topicOf(wallet.userId));
    });
  }

  /** Follows a user's wallets without end: what is in them now, then each change. @param afterVersion Sends only later ones. */
  watch(userId: string, afterVersion: number | null): AsyncIterableIterator<WalletState> {
    const { wallets, sweep } = this.dependencies;
    let place: SweptWatcher | null = null;
    return watch<WalletState>({
      listen: async (onNudge) => {
        const swept = (place = await sweep.listen(userId, topicOf(userId), onNudge));
        return () => {
          swept.stop();
        };
      },
      read: async () => {
        const state = stateOf(await wallets.ofUsers([userId]));
        place?.saw(state.version);
        return state;
      },
      versionOf: (state) => state.version,
      isFinal: () => false,
      // Wallets that nothing was ever booked on have version 0, and are sent too.
      afterVersion: afterVersion ?? -1,
    });
  }
}

const topicOf = (userId: string): string => `wallets:${userId}`;

const stateOf = (wallets: Wallet[]): WalletState => ({
  wallets,
  version: wallets.reduce((sum, wallet) => sum + wallet.version, 0),
});
