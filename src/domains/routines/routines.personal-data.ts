import type { PersonalData } from "../../platform/module.ts";
import type { RoutineRepository } from "./routine.repository.ts";

/** Plans are found by the ids of their jobs alone: they move and go with them. */
export const createRoutinesPersonalData = (repository: RoutineRepository): PersonalData => ({
  name: "routinePlans",
  tables: [],
  export: (userId) => repository.ofUser(userId),
  merge: () => Promise.resolve({}),
  erase: () => Promise.resolve(),
});
