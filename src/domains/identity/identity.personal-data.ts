import type { BlobStore } from "../../platform/blobs/blob-store.ts";
import type { UnitOfWork } from "../../platform/db/unit-of-work.ts";
import type { PersonalData } from "../../platform/module.ts";
import type { Logger } from "../../platform/observe/logger.ts";
import type { PersonRepository } from "./person.repository.ts";

/** How accounts, their ways to sign in, addresses and uploads are handed over, moved and forgotten. */
export function createIdentityPersonalData(dependencies: {
  readonly uow: UnitOfWork;
  readonly persons: PersonRepository;
  readonly blobs: BlobStore;
  readonly log: Logger;
}): PersonalData {
  const { uow, persons, blobs, log } = dependencies;
  return {
    name: "account",
    tables: [
      "user_identities",
      "user_devices",
      "user_addresses",
      "sessions",
      "email_tokens",
      "phone_codes",
      "open_id_attempts",
      "auth_events",
      "uploads",
      "account_merges",
    ],
    export: (userId) => persons.export(userId),
    merge: async (tx, move) => {
      const { counts, replacedPicture } = await persons.merge(tx, move);
      if (replacedPicture !== null) {
        tx.afterCommit(() =>
          blobs.delete(replacedPicture).catch((error: unknown) => {
            log.warn({ err: error, key: replacedPicture }, "a picture could not be deleted");
          }),
        );
      }
      return counts;
    },
    erase: async (userId) => {
      // Bytes first: a crash in between leaves rows that say what is still there.
      for (const key of await persons.files(userId)) await blobs.delete(key);
      await uow.run((tx) => persons.erase(tx, userId));
    },
  };
}
