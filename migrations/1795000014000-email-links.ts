import type { MigrationInterface, QueryRunner } from "typeorm";

const allowOnly = (purposes: string): string => `
  alter table email_tokens drop constraint email_tokens_purpose_check;
  alter table email_tokens add constraint email_tokens_purpose_check
    check (purpose in (${purposes}));
`;
const BEFORE = "'VERIFY_EMAIL', 'RESET_PASSWORD'";

/** Mailed tokens also add an address to an account that has none. */
export class EmailLinks1795000014000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(allowOnly(`${BEFORE}, 'LINK_EMAIL'`));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("delete from email_tokens where purpose = 'LINK_EMAIL'");
    await runner.query(allowOnly(BEFORE));
  }
}
