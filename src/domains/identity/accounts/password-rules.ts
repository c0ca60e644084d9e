import { refuseWith } from "../identity.problems.ts";

const MIN_LENGTH = 8;
const MAX_LENGTH = 128;

let commonPasswords: Promise<ReadonlySet<string>> | undefined;

/**
 * Refuses passwords that are too short, too long or commonly used.
 * @param path Where in the input the password stands.
 */
export async function checkNewPassword(password: string, path: readonly string[]): Promise<void> {
  const length = [...password].length;
  if (length < MIN_LENGTH) refuseWith("PASSWORD_TOO_SHORT", path);
  if (length > MAX_LENGTH) refuseWith("PASSWORD_TOO_LONG", path);
  commonPasswords ??= loadCommonPasswords();
  const common = await commonPasswords;
  if (common.has(password.toLowerCase())) refuseWith("PASSWORD_TOO_COMMON", path);
}

/** About 18,000 of the most used passwords; the shorter ones need no list. Loaded when first needed. */
async function loadCommonPasswords(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import("@zxcvbn-ts/language-common");
  return new Set(dictionary["passwords-common"].filter((entry) => entry.length >= MIN_LENGTH));
}
