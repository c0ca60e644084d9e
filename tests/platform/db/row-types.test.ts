import { expect, test } from "@jest/globals";
import pg from "pg";
import { isoTimeOf, TIMES_AS_TEXT } from "../../../src/platform/db/row-types.ts";
import { storeUrls } from "../../support/database.ts";

const TIMES = `select moment, moment::text as written, moment::date as day, 7 as number
  from unnest(array[
    '2026-11-21 18:04:05+00', '2026-11-21 18:04:05.1+00', '2026-11-21 18:04:05.12+00',
    '2026-11-21 18:04:05.123+00', '2026-11-21 18:04:05.123456+00', '2026-11-21 18:04:05.000999+00',
    '1969-12-31 23:59:59.9995+00', '0099-03-01 00:00:00+00', '0001-01-01 00:00:00+00 BC',
    '12026-01-01 00:00:00+00', '2026-03-29 01:30:00.5+00'
  ]::timestamptz[]) as moment`;

test.each(["UTC", "Asia/Phnom_Penh", "Asia/Kathmandu", "America/New_York"])(
  "times as text are those of a Date, in a session of %s",
  async (zone) => {
    const client = new pg.Client({ connectionString: storeUrls().postgresUrl });
    await client.connect();
    try {
      await client.query(`set time zone '${zone}'`);
      const dates = await client.query<{ moment: Date }>(TIMES);
      const texts = await client.query<{ moment: string }>({ text: TIMES, types: TIMES_AS_TEXT });
      expect(texts.rows).toEqual(
        dates.rows.map(({ moment, ...others }) => ({ moment: moment.toISOString(), ...others })),
      );
    } finally {
      await client.end();
    }
  },
);

test("a time without end stays what it is", () => {
  expect(isoTimeOf("infinity")).toBe("infinity");
});
