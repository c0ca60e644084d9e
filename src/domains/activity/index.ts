export { createActivityModule } from "./activity.module.ts";
