import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Clock } from "../../../platform/clock/clock.ts";
import { badUserInput } from "../../../platform/graphql/errors.ts";
import { checkedName } from "./person-name.ts";
import type { ProfileChange, User, UserRepository } from "./user.repository.ts";

const EARLIEST_BIRTH = "1900-01-01";

/** Reads users and changes what is theirs to change. */
export class UserService {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly users: UserRepository,
    private readonly clock: Clock,
  ) {}

  /** The users of some ids, in any order; unknown ids are left out. */
  byIds(ids: readonly string[]): Promise<User[]> {
    return this.users.byIds(ids);
  }

  /**
   * One user, null when there is none.
   * @param tx Whoever has a transaction open must give it: a second connection could not be had when all have one.
   */
  async find(id: string, tx?: Tx): Promise<User | null> {
    return (await this.users.byIds([id], tx))[0] ?? null;
  }

  /** Changes the profile of a user; what is left out stays as it is. @returns The changed user. */
  async updateProfile(userId: string, change: ProfileChange): Promise<User | null> {
    const checked = { ...change };
    for (const name of ["firstName", "lastName"] as const) {
      const text = change[name];
      if (text !== undefined) checked[name] = checkedName(text, ["input", name]);
    }
    this.checkBirth(change.dateOfBirth);
    await this.uow.run((tx) => this.users.updateProfile(tx, userId, checked));
    return this.find(userId);
  }

  private checkBirth(date: string | null | undefined): void {
    if (date === null || date === undefined) return;
    const today = this.clock.now().toISOString().slice(0, 10);
    if (date < EARLIEST_BIRTH || date > today) {
      throw badUserInput("This cannot be a date of birth.", ["input", "dateOfBirth"]);
    }
  }
}
