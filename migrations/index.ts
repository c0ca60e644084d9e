import { PlatformTables1795000000000 } from "./1795000000000-platform-tables.ts";

/** All migrations, oldest first. */
export const migrations = [PlatformTables1795000000000];
