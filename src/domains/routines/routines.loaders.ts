import type DataLoader from "dataloader";
import { oneByKey } from "../../platform/graphql/loaders.ts";
import type { PlanRow, RoutineRepository } from "./routine.repository.ts";

declare module "../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** What a routine plan holds, by its id. Does not judge ownership. */
    routine: DataLoader<string, PlanRow | null>;
  }
}

/** The loaders of one operation. */
export const createRoutineLoaders = (routines: RoutineRepository) => ({
  routine: oneByKey<string, PlanRow>(
    (ids) => routines.byIds(ids),
    (plan) => plan.id,
  ),
});
