import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Clock } from "../../../platform/clock/clock.ts";
import { badUserInput } from "../../../platform/graphql/errors.ts";
import { refuseWith } from "../identity.problems.ts";
import { checkedName } from "./person-name.ts";
import type { TimeZoneRepository } from "./time-zone.repository.ts";
import type { ProfileChange, User, UserRepository } from "./user.repository.ts";

const EARLIEST_BIRTH = "1900-01-01";

/** Reads users and changes what is theirs to change. */
export class UserService {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly users: UserRepository,
    private readonly clock: Clock,
    private readonly timeZones: TimeZoneRepository,
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

  /** Where the user's days begin: an IANA name, null when it is not known. @param tx as for `find` */
  timeZoneOf(id: string, tx?: Tx): Promise<string | null> {
    return this.timeZones.of(id, tx);
  }

  /** Changes the profile of a user; what is left out stays as it is. @returns The changed user. */
  async updateProfile(
    userId: string,
    { timeZone, ...change }: ProfileChange & { timeZone?: string | undefined },
  ): Promise<User | null> {
    const checked = { ...change };
    for (const name of ["firstName", "lastName"] as const) {
      const text = change[name];
      if (text !== undefined) checked[name] = checkedName(text, ["input", name]);
    }
    this.checkBirth(change.dateOfBirth);
    const zone = timeZone === undefined ? null : checkedTimeZone(timeZone);
    await this.uow.run(async (tx) => {
      await this.users.updateProfile(tx, userId, checked);
      if (zone !== null && !(await this.timeZones.set(tx, userId, zone))) {
        refuseWith("TIME_ZONE_JUST_CHANGED", ["input", "timeZone"]);
      }
    });
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

/** Other spellings of a zone are known under its usual one. */
function checkedTimeZone(text: string): string {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw badUserInput("This is no time zone, such as Asia/Phnom_Penh.", ["input", "timeZone"]);
  }
}
