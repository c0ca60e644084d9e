import type { Clock } from "../../../platform/clock/clock.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { SignedIn } from "../../../platform/graphql/context.ts";
import { unauthenticated } from "../../../platform/graphql/errors.ts";
import type { AuthAction, AuthEventRepository } from "../accounts/auth-event.repository.ts";
import type { EmailTokenRepository } from "../accounts/email-token.repository.ts";
import type { User, UserRepository } from "../accounts/user.repository.ts";
import type { Caller } from "../caller.ts";
import { refuseWith, type IdentityProblemCode } from "../identity.problems.ts";
import type { OwnerProof, ShownProof } from "../sessions/owner-proof.ts";
import type {
  RemovableMethod,
  SignInMethod,
  SignInMethodRepository,
} from "./sign-in-method.repository.ts";

export interface UnlinkServiceDeps {
  readonly uow: UnitOfWork;
  readonly users: UserRepository;
  readonly methods: SignInMethodRepository;
  readonly emailTokens: EmailTokenRepository;
  readonly authEvents: AuthEventRepository;
  readonly ownerProof: OwnerProof;
  readonly clock: Clock;
}

const ACTIONS = {
  EMAIL: "UNLINK_EMAIL",
  PHONE: "UNLINK_PHONE",
  GOOGLE: "UNLINK_OPEN_ID",
} as const satisfies Record<RemovableMethod, AuthAction>;

/** Takes ways to sign in away again, as long as another one is left. Sessions stay open. */
export class UnlinkService {
  constructor(private readonly deps: UnlinkServiceDeps) {}

  /** What signs a user in. */
  async methodsOf(userId: string): Promise<readonly SignInMethod[]> {
    return (await this.deps.methods.find(userId)).methods;
  }

  /** Removes one way to sign in; the caller shows to be the owner. */
  async unlink(
    user: SignedIn,
    method: RemovableMethod,
    password: string | null | undefined,
    caller: Caller,
  ): Promise<void> {
    const { uow, users, authEvents, ownerProof } = this.deps;
    const { userId } = user;
    const proof = await ownerProof.check(user, password);
    const refusal = await uow.run(async (tx) => {
      // Of several at once, each sees what the one before has left.
      const row = await users.lock(tx, userId);
      if (!row?.isActive) throw unauthenticated("SESSION_ENDED");
      const code = proof.refused ?? (await this.remove(tx, row, method, proof));
      const action = ACTIONS[method];
      await authEvents.add(tx, { action, outcome: code ?? "OK", userId, caller });
      return code;
    });
    if (refusal !== null)
      refuseWith(refusal, OF_PASSWORD.has(refusal) ? ["input", "password"] : []);
  }

  private async remove(
    tx: Tx,
    user: User,
    method: RemovableMethod,
    proof: ShownProof & { refused?: undefined },
  ): Promise<IdentityProblemCode | null> {
    const { methods, emailTokens, clock } = this.deps;
    const present = await methods.findLocked(tx, user.id);
    if (present.passwordHash !== proof.passwordHash) return "INVALID_CREDENTIALS";
    if (!present.methods.includes(method)) return "NOT_LINKED";
    if (present.methods.length === 1) return "LAST_SIGN_IN_METHOD";
    await methods.remove(tx, user.id, method);
    if (method === "EMAIL") {
      // Links that were mailed to the address must not bring anything of it back.
      for (const purpose of ["VERIFY_EMAIL", "RESET_PASSWORD", "LINK_EMAIL"] as const) {
        await emailTokens.voidAll(tx, user.id, purpose, clock.now());
      }
    }
    return null;
  }
}

const OF_PASSWORD: ReadonlySet<IdentityProblemCode> = new Set([
  "PASSWORD_REQUIRED",
  "INVALID_CREDENTIALS",
]);
