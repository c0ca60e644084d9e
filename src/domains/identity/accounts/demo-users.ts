import type { UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Role } from "../../../platform/graphql/context.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import type { UserRepository } from "./user.repository.ts";

/** Password of the demo users. Public, so never seed them where strangers can sign in. */
export const DEMO_PASSWORD = "facet-demo-password";

/** The demo users: a customer and an administrator. */
export const DEMO_USERS = [
  { email: "demo@facet.example", firstName: "Demo", lastName: "Customer", role: "CUSTOMER" },
  { email: "admin@facet.example", firstName: "Demo", lastName: "Admin", role: "ADMIN" },
] as const satisfies { email: string; firstName: string; lastName: string; role: Role }[];

/** Adds the demo users that are missing; those that exist stay as they are. */
export async function seedDemoUsers(deps: {
  uow: UnitOfWork;
  users: UserRepository;
  passwords: PasswordHasher;
  ids: Ids;
}): Promise<void> {
  const passwordHash = await deps.passwords.hash(DEMO_PASSWORD);
  await deps.uow.run(async (tx) => {
    for (const user of DEMO_USERS) {
      const id = deps.ids.next("usr");
      await deps.users.addVerified(tx, { ...user, id, passwordHash, language: "EN" });
    }
  });
}
