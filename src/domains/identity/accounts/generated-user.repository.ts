import type { Tx } from "../../../platform/db/unit-of-work.ts";

/** A person that a generator made up; nobody can sign in as one. */
export interface GeneratedUser {
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly language: "EN" | "KH";
}

/** Writes made-up people in bulk, for load tests and demonstrations. */
export class GeneratedUserRepository {
  /** Leaves out those that are there. @returns how many were added */
  add(tx: Tx, users: readonly GeneratedUser[]): Promise<number> {
    return tx.execute(
      `insert into users (id, first_name, last_name, language)
       select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
       on conflict do nothing`,
      [
        users.map(({ id }) => id),
        users.map(({ firstName }) => firstName),
        users.map(({ lastName }) => lastName),
        users.map(({ language }) => language),
      ],
    );
  }
}
