import type { MigrationInterface, QueryRunner } from "typeorm";

const allowOnly = (reasons: string): string => `
  alter table sessions drop constraint sessions_end_reason_check;
  alter table sessions add constraint sessions_end_reason_check check (end_reason in (${reasons}));
`;
const BEFORE = "'LOGOUT', 'LOGOUT_ALL', 'ENDED', 'TOKEN_REUSED'";

/** Sessions also end when the password is replaced. */
export class PasswordSessionEnds1795000010000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(allowOnly(`${BEFORE}, 'PASSWORD_RESET', 'PASSWORD_CHANGED'`));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      "update sessions set end_reason = 'ENDED' where end_reason in ('PASSWORD_RESET', 'PASSWORD_CHANGED')",
    );
    await runner.query(allowOnly(BEFORE));
  }
}
