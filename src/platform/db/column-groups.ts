/** Columns that are read when all of some bits are set. */
export interface ColumnGroup {
  readonly bits: number;
  readonly sql: string;
}

/** What to select: the columns that are always read, and those of the groups that are asked for. */
export const withGroups = (
  always: string,
  groups: readonly ColumnGroup[],
  columns: number,
): string =>
  [always, ...groups.filter(({ bits }) => (columns & bits) === bits).map(({ sql }) => sql)].join(
    ", ",
  );
