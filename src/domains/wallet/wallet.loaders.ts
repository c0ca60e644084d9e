import type DataLoader from "dataloader";
import { oneByKey, type Loaders } from "../../platform/graphql/loaders.ts";
import { walletOfId } from "./wallet.id.ts";
import type { Wallet, WalletRepository } from "./wallet.repository.ts";

declare module "../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** A wallet by id. */
    wallet: DataLoader<string, Wallet | null>;
  }
}

/** Wallets by id. They do not judge ownership. */
export const createWalletLoaders = (wallets: WalletRepository): Pick<Loaders, "wallet"> => ({
  wallet: oneByKey(
    (ids) => {
      const owners = ids.flatMap((id) => walletOfId(id)?.userId ?? []);
      return wallets.ofUsers([...new Set(owners)]);
    },
    (wallet) => wallet.id,
  ),
});
