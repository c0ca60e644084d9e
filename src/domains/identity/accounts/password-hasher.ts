import { hash, verify } from "@node-rs/argon2";
import { verify as verifyBcrypt } from "@node-rs/bcrypt";
import { rateLimited } from "../../../platform/graphql/errors.ts";
import { bcryptCost, MAX_BCRYPT_COST } from "./bcrypt-hash.ts";

export interface PasswordHasherOptions {
  /** Hashes computed at once; each takes 19 MiB and a thread of the pool. Default 2. */
  readonly maxConcurrent?: number;
  /** Callers that may wait for their turn; more are sent away. Default 50. */
  readonly maxWaiting?: number;
}

// OWASP's argon2id parameters. Algorithm 2 is argon2id: its const enum does not exist at run time.
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const RETRY_AFTER_MS = 1_000;

/** The hash of random bytes that nobody knows: verifying against it costs what a real one costs. */
const NOBODY =
  "$argon2id$v=19$m=19456,t=2,p=1$6RN3Gek50IrzyLQkpzLUhA$q2ZUK/F9FkQ4ptBSVVCB4pNxDIQc0FV8Dblg/Zo9XIQ";

/** Hashes passwords with argon2id, a few at a time, so that sign-ins cannot starve everything else. */
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly maxConcurrent: number;
  private readonly maxWaiting: number;

  constructor(options: PasswordHasherOptions = {}) {
    this.maxConcurrent = options.maxConcurrent ?? 2;
    this.maxWaiting = options.maxWaiting ?? 50;
  }

  /** @throws RATE_LIMITED when too many are waiting. */
  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(normalized(password), PARAMETERS));
  }

  /**
   * Whether the password belongs to the hash, ours or a bcrypt hash of an older system. Without a hash the answer is
   * false after the work of one of ours; a hash that is neither, or of a cost that is not checked, belongs to no password.
   * @throws RATE_LIMITED when too many are waiting.
   */
  async verify(passwordHash: string | null, password: string): Promise<boolean> {
    const cost = passwordHash === null ? null : bcryptCost(passwordHash);
    if (passwordHash !== null && cost !== null && cost <= MAX_BCRYPT_COST) {
      // Byte for byte and up to 72 of them, as the system counted that made it.
      return this.inTurn(() => verifyBcrypt(password, passwordHash));
    }
    const ours = passwordHash?.startsWith("$argon2id$") ? passwordHash : null;
    const right = await this.inTurn(() => verify(ours ?? NOBODY, normalized(password)));
    return right && ours !== null;
  }

  /** Whether a hash should be replaced by one of ours, as soon as its password is known. */
  isOutdated(passwordHash: string): boolean {
    return bcryptCost(passwordHash) !== null;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < this.maxConcurrent) this.running += 1;
    else if (this.waiting.length >= this.maxWaiting) throw rateLimited(RETRY_AFTER_MS);
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      // A waiting caller takes over the place; only without one it becomes free.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}

/** The same characters typed on different keyboards are the same password. */
const normalized = (password: string): string => password.normalize("NFKC");
