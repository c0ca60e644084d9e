import type { Config } from "../platform/config/env.ts";
import { derivedKey } from "../platform/crypto/derived-key.ts";

/** The secret, `whsec_` and base64, by which development signs the webhooks of a store that it plays itself. */
export const webhookSecret = (
  { SECRET_KEY }: Pick<Config, "SECRET_KEY">,
  provider: "stripe" | "dodo",
): string =>
  `whsec_${Buffer.from(derivedKey(SECRET_KEY, `webhooks of ${provider}`)).toString("base64")}`;
