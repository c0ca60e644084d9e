import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Clock } from "../../platform/clock/clock.ts";
import { derivedKey } from "../../platform/crypto/derived-key.ts";
import {
  standardWebhookHeaders,
  standardWebhookKey,
  timestampedSignature,
} from "../../platform/crypto/webhook-signatures.ts";
import type { Logger } from "../../platform/observe/logger.ts";
import { Courier } from "./deliveries/courier.ts";
import { DeliveryFiles } from "./deliveries/delivery-files.ts";
import type { Goods } from "./goods.ts";
import {
  LocalAppStore,
  LocalCreditStore,
  LocalSubscriptionStore,
  type Reader,
} from "./local-ports.ts";
import { StoreDesk } from "./pages/store-desk.ts";
import { registerStoreRoutes } from "./pages/store.routes.ts";
import { Buyers } from "./state/buyers.ts";
import { Names } from "./state/names.ts";
import type { WireEvent } from "./wire/wire-event.ts";

/** A store that is played here: how its webhooks are proved, and who reads them. */
export interface PlayedStore<R> {
  /** The secret of its webhooks; of RevenueCat, the whole Authorization header. */
  readonly secret: string;
  readonly reader: Reader<R>;
}

export interface LocalStoreOptions<R> {
  /** Folder of what was bought and of the webhooks on their way; made on first use. */
  readonly dir: string;
  readonly publicUrl: string;
  /** Nobody who does not know it can guess the address of a checkout. */
  readonly secretKey: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Null where a real store is used, or none. */
  readonly stripe: PlayedStore<R> | null;
  readonly dodo: PlayedStore<R> | null;
  readonly revenueCat: PlayedStore<R> | null;
}

/**
 * Plays the stores for development: pages where one can pay, fail, cancel and refund, which send the webhooks of the
 * real stores, signed, over HTTP to ourselves. Several processes may share one folder.
 */
export class LocalStore<R extends { readonly kind: string }> {
  /** Null when the real one is used, as with the other two. */
  readonly subscriptionStore: LocalSubscriptionStore<R> | null;
  readonly creditStore: LocalCreditStore<R> | null;
  readonly appStore: LocalAppStore<R> | null;
  private readonly buyers: Buyers;
  private readonly courier: Courier;
  private readonly desk: StoreDesk;
  private goods: () => readonly Goods[] = () => [];

  constructor(private readonly options: LocalStoreOptions<R>) {
    const { dir, publicUrl, clock, log, stripe, dodo, revenueCat } = options;
    const files = new DeliveryFiles(dir);
    const names = new Names(keyText(options.secretKey));
    this.courier = new Courier({
      files,
      clock,
      log,
      baseUrl: `${publicUrl}/webhooks`,
      sign: (event, body, at) => this.proofOf(event, body, at),
    });
    this.buyers = new Buyers(dir, clock, log, (events) => this.courier.add(events));
    const goods = () => this.forSale();
    const { buyers, courier } = this;
    this.desk = new StoreDesk({ buyers, names, files, courier, goods });
    const parts = { buyers, names, goods, clock, baseUrl: `${publicUrl}/local-store` };
    this.subscriptionStore =
      stripe && new LocalSubscriptionStore({ ...parts, reader: stripe.reader });
    this.creditStore = dodo && new LocalCreditStore({ ...parts, reader: dodo.reader });
    this.appStore = revenueCat && new LocalAppStore({ ...parts, reader: revenueCat.reader });
  }

  /** Says what is sold; asked anew each time. Nothing is before. */
  offer(goods: () => readonly Goods[]): void {
    this.goods = goods;
  }

  /** Serves the pages below `/local-store`. */
  readonly routes = (app: FastifyInstance): Promise<void> => registerStoreRoutes(app, this.desk);

  /** Begins to send webhooks, also those that another process left behind. For a process that serves. */
  async start(): Promise<void> {
    await this.courier.start();
    await this.buyers.sendAll();
  }

  /** Ends sending; the next start goes on. */
  stop(): Promise<void> {
    return this.courier.stop();
  }

  private forSale(): readonly Goods[] {
    const { stripe, dodo, revenueCat } = this.options;
    const played = { stripe, dodo, revenuecat: revenueCat };
    return this.goods().filter(({ store }) => played[store] !== null);
  }

  private proofOf({ provider, id }: WireEvent, body: Buffer, at: Date): Record<string, string> {
    const { stripe, dodo, revenueCat } = this.options;
    if (provider === "stripe") {
      return { "stripe-signature": timestampedSignature(body, stripe?.secret ?? "", at) };
    }
    if (provider === "revenuecat") return { authorization: revenueCat?.secret ?? "" };
    return standardWebhookHeaders(id, body, standardWebhookKey(dodo?.secret ?? "none"), at);
  }
}

const keyText = (secretKey: string): string =>
  Buffer.from(derivedKey(secretKey, "local store")).toString("base64url");

/** Where the local store keeps its files. */
export const localStoreDir = (dataDir: string): string => join(dataDir, "store");
