import { PlatformTables1795000000000 } from "./1795000000000-platform-tables.ts";
import { CatalogTables1795000002000 } from "./1795000002000-catalog-tables.ts";

/** All migrations, oldest first. */
export const migrations = [PlatformTables1795000000000, CatalogTables1795000002000];
