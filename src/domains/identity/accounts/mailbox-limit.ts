import { sign } from "../../../platform/crypto/tokens.ts";
import type { RateLimit, RateLimiter } from "../../../platform/redis/rate-limiter.ts";

const PER_MAILBOX: RateLimit = { name: "account_mails", points: 5, windowSeconds: 3_600 };

/** Counts what is mailed to an address, known or not, so that nobody's mailbox can be flooded. */
export class MailboxLimit {
  constructor(
    private readonly rateLimiter: RateLimiter,
    private readonly secretKey: string,
  ) {}

  /** @throws RATE_LIMITED after five mails in an hour. */
  take(email: string): Promise<void> {
    return this.rateLimiter.consume(PER_MAILBOX, sign(this.secretKey, email.toLowerCase()));
  }
}
