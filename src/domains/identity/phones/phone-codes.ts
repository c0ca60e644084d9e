import { randomInt } from "node:crypto";
import type { Clock } from "../../../platform/clock/clock.ts";
import { equalInConstantTime, sign } from "../../../platform/crypto/tokens.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { Language } from "../../../platform/graphql/context.ts";
import { rateLimited } from "../../../platform/graphql/errors.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import type { Logger } from "../../../platform/observe/logger.ts";
import type { SmsSender } from "../../../platform/sms/sms-sender.ts";
import type { IdentityProblemCode } from "../identity.problems.ts";
import type { PhoneCode, PhoneCodePurpose, PhoneCodeRepository } from "./phone-code.repository.ts";
import { codeText } from "./phone.texts.ts";

export interface PhoneCodesDeps {
  readonly phoneCodes: PhoneCodeRepository;
  readonly sms: SmsSender | null;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: Logger;
  readonly secretKey: string;
  readonly codesPerHour: number;
}

const LIFE_MS = 5 * 60_000;
const PAUSE_SECONDS = 60;
const MAX_TRIES = 5;

/**
 * One-time codes of six digits that are sent to phones. The limits per phone are kept with the codes in PostgreSQL, so
 * they hold over all processes.
 */
export class PhoneCodes {
  constructor(private readonly deps: PhoneCodesDeps) {}

  /**
   * Makes a code and sends it after the commit; the one before is void. A code that cannot be sent is lost: it would be
   * too old by the next try.
   * @param request Without `deliver` everything looks the same, but nothing is sent and no code fits.
   * @returns When the code expires.
   * @throws RATE_LIMITED less than 60 s after the last code, and beyond the limit of an hour.
   */
  async send(
    tx: Tx,
    request: {
      phone: string;
      purpose: PhoneCodePurpose;
      language: Language;
      deliver: boolean;
      passwordHash?: string;
      userId?: string;
    },
  ): Promise<Date> {
    const { phone, purpose, language, deliver } = request;
    const code = String(randomInt(1_000_000)).padStart(6, "0");
    const at = this.deps.clock.now();
    const expiresAt = new Date(at.getTime() + LIFE_MS);
    const row = {
      phone,
      purpose,
      codeHash: deliver ? this.hashOf(phone, code) : null,
      passwordHash: request.passwordHash ?? null,
      userId: request.userId ?? null,
      at,
      expiresAt,
    };
    const pace = { pauseSeconds: PAUSE_SECONDS, perHour: this.deps.codesPerHour };
    const waitMs = await this.deps.phoneCodes.replace(tx, row, pace);
    if (waitMs > 0) throw rateLimited(waitMs);
    if (deliver) tx.afterCommit(() => this.deliver(phone, codeText(language, purpose, code)));
    return expiresAt;
  }

  /** Uses a code up; says why not otherwise. Every try counts, so its transaction has to commit in any case. */
  async use(
    tx: Tx,
    attempt: {
      phone: string;
      code: string;
      purposes: readonly PhoneCodePurpose[];
      userId?: string;
    },
  ): Promise<PhoneCode | IdentityProblemCode> {
    const { phoneCodes, clock } = this.deps;
    const known = await phoneCodes.lock(tx, attempt.phone);
    if (!known) return "CODE_INVALID";
    // Without this, guessing could go on and learn by the answer which guess was right.
    if (known.tries >= MAX_TRIES) return "CODE_VOID";
    const at = clock.now();
    const refusal = this.refusalOf(known, attempt, at);
    await phoneCodes.countTry(tx, attempt.phone, refusal === null ? at : null);
    return refusal ?? known;
  }

  private refusalOf(
    known: PhoneCode,
    attempt: {
      phone: string;
      code: string;
      purposes: readonly PhoneCodePurpose[];
      userId?: string;
    },
    at: Date,
  ): IdentityProblemCode | null {
    const hash = this.hashOf(attempt.phone, attempt.code.trim());
    const right = equalInConstantTime(known.codeHash ?? "", hash);
    const meant =
      attempt.purposes.includes(known.purpose) && known.userId === (attempt.userId ?? null);
    if (!right || !meant) return "CODE_INVALID";
    if (known.usedAt) return "TOKEN_USED";
    return known.expiresAt <= at ? "TOKEN_EXPIRED" : null;
  }

  /** In the background: the answer must not take longer because there is somebody to send to. */
  private deliver(phone: string, text: string): void {
    const { sms, ids, log } = this.deps;
    const id = ids.next("sms");
    sms?.send({ id, to: phone, text }).catch((error: unknown) => {
      log.warn({ err: error, smsId: id }, "a code could not be sent");
    });
  }

  private hashOf(phone: string, code: string): string {
    return sign(this.deps.secretKey, `phone code ${phone} ${code}`);
  }
}
