import { expect, test } from "@jest/globals";
import { ofRow, oneRowByKey } from "../../../src/platform/graphql/row-loader.ts";

interface Row {
  readonly id: string;
  readonly large?: string;
}
const LARGE = 1;

function openRows() {
  const sent: [readonly string[], number][] = [];
  const loader = oneRowByKey(
    (keys, columns): Promise<Row[]> => {
      sent.push([keys, columns]);
      const rows = keys.filter((key) => key !== "none").map((id) => ({ id }));
      return Promise.resolve(
        (columns & LARGE) === 0 ? rows : rows.map((row) => ({ ...row, large: `of ${row.id}` })),
      );
    },
    (row) => row.id,
  );
  return { sent, loader };
}

test("what is asked in one moment is one statement with the columns of all", async () => {
  const { sent, loader } = openRows();
  const rows = await Promise.all([
    loader.load("a", 0),
    loader.load("b", LARGE),
    loader.load("none", 0),
  ]);
  expect(sent).toEqual([[["a", "b", "none"], LARGE]]);
  expect(rows).toEqual([{ id: "a", large: "of a" }, { id: "b", large: "of b" }, null]);
});

test("a row is read again only for columns that it lacks", async () => {
  const { sent, loader } = openRows();
  await loader.load("a", 0);
  await loader.load("a", 0);
  expect(sent).toHaveLength(1);
  expect(await loader.load("a", LARGE)).toEqual({ id: "a", large: "of a" });
  await loader.load("a", 0);
  expect(sent.map(([, columns]) => columns)).toEqual([0, LARGE]);
});

test("a field of a row that lacks its column reads the whole row", async () => {
  const { sent, loader } = openRows();
  const row = (await loader.load("a", 0))!;
  const large = ofRow<Row, string>(
    row,
    (of) => of.large,
    () => loader.load("a"),
  );
  expect(await large).toBe("of a");
  expect(sent).toHaveLength(2);
  const whole = (await loader.load("a"))!;
  expect(
    ofRow<Row, string>(
      whole,
      (of) => of.large,
      () => loader.load("a"),
    ),
  ).toBe("of a");
  expect(sent).toHaveLength(2);
  const gone = ofRow<Row, string>(
    { id: "none" },
    (of) => of.large,
    () => loader.load("none"),
  );
  await expect(gone).rejects.toThrow("gone");
});
