import type { PersonalData } from "../../platform/module.ts";
import type { TryOnRepository } from "./try-ons/try-on.repository.ts";

/** How try-ons are handed over. They hang on their jobs, and move and go with them. */
export const createTryOnPersonalData = (repository: TryOnRepository): PersonalData => ({
  name: "hairTryOns",
  tables: [],
  export: async (userId) => {
    const rows = await repository.ofUser(userId);
    return rows.map(({ id, askedAt, status, style, isFavourite, creditsSpent }) => ({
      id,
      askedAt,
      status,
      style,
      isFavourite,
      creditsSpent,
    }));
  },
  merge: () => Promise.resolve({}),
  erase: () => Promise.resolve(),
});
