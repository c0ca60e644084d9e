import type DataLoader from "dataloader";
import { oneByKey, type Loaders } from "../../../platform/graphql/loaders.ts";
import type { User, UserRepository } from "./user.repository.ts";

declare module "../../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** A user by id. */
    user: DataLoader<string, User | null>;
  }
}

/** The loaders of one operation. */
export const createUserLoaders = (users: UserRepository): Partial<Loaders> => ({
  user: oneByKey(
    (ids) => users.byIds(ids),
    (user) => user.id,
  ),
});
