export { createRoutinesModule } from "./routines.module.ts";
export type { RoutineWriter } from "./routines.ports.ts";
