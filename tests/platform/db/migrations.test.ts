import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { migrations } from "../../../migrations/index.ts";
import { Database } from "../../../src/platform/db/database.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { freshDatabase } from "../../support/database.ts";

const log = createLogger("silent");
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let database: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = await openDatabase();
});
afterAll(async () => {
  await database?.close();
  await fresh?.drop();
});

const openDatabase = () =>
  Database.open({
    url: fresh.url,
    poolSize: 3,
    applicationName: "migrations-test",
    entities: [],
    migrations: [...migrations],
    log,
  });

async function revertAll(): Promise<void> {
  for (let left = migrations.length; left > 0; left -= 1) await database.revert();
}

/** Everything that our migrations can make, one line each. */
async function shape(): Promise<string[]> {
  const rows = await database.query<{ line: string }>(`
    select line from (
      select format('column %s.%s %s %s default %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                    case when a.attnotnull then 'not null' else 'null' end, pg_get_expr(d.adbin, d.adrelid)) as line
        from pg_attribute a
        join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'v', 'm')
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
       where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
      union all
      select format('constraint %s on %s %s', conname, conrelid::regclass, pg_get_constraintdef(oid))
        from pg_constraint where connamespace = 'public'::regnamespace
      union all
      select indexdef from pg_indexes where schemaname = 'public'
      union all
      select format('sequence %s', sequencename) from pg_sequences where schemaname = 'public'
      union all
      select pg_get_triggerdef(t.oid) from pg_trigger t
        join pg_class c on c.oid = t.tgrelid
       where not t.tgisinternal and c.relnamespace = 'public'::regnamespace
      union all
      select pg_get_functiondef(p.oid) from pg_proc p
       where p.pronamespace = 'public'::regnamespace and p.prokind in ('f', 'p')
      union all
      select format('type %s %s', t.typname, string_agg(e.enumlabel, ',' order by e.enumsortorder))
        from pg_type t join pg_enum e on e.enumtypid = t.oid
       where t.typnamespace = 'public'::regnamespace group by t.typname
    ) everything
    where line !~* '(^column |on |sequence )(public\\.)?migrations(\\.|_| |$)'
    order by line`);
  return rows.map(({ line }) => line);
}

test("up, down and up again gives the same schema, and down leaves nothing", async () => {
  expect(await database.isMigrated()).toBe(true);
  const first = await shape();
  expect(first.length).toBeGreaterThan(20);

  await revertAll();
  expect(await shape()).toEqual([]);
  expect(await database.isMigrated()).toBe(false);

  expect(await database.migrate()).toHaveLength(migrations.length);
  expect(await shape()).toEqual(first);
});

test("each migration can be taken back and applied again by itself", async () => {
  await database.migrate();
  const whole = await shape();
  await database.revert();
  expect(await database.migrate()).toEqual([migrations.at(-1)?.name]);
  expect(await shape()).toEqual(whole);
});

test("processes that start together apply each migration once", async () => {
  await revertAll();
  const nodes = await Promise.all([openDatabase(), openDatabase(), openDatabase()]);
  try {
    const applied = await Promise.all(nodes.map((node) => node.migrate()));
    expect(applied.flat().sort()).toEqual(migrations.map(({ name }) => name).sort());
  } finally {
    await Promise.all(nodes.map((node) => node.close()));
  }
});

test("migrations stand in the order of their names, each once", () => {
  const times = migrations.map(({ name }) => Number(/\d{13}$/.exec(name)?.[0]));
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
});
