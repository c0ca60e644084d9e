import { z } from "zod";
import { badUserInput } from "../../../platform/graphql/errors.ts";

const MAX_LENGTH = 254;
const address = z.email();

/**
 * The address without surrounding space and with its domain in lower case.
 * @param path Where in the input it stands.
 * @throws BAD_USER_INPUT when it is not an e-mail address.
 */
export function parseEmail(text: string, path: readonly string[]): string {
  const trimmed = text.trim();
  if (trimmed.length > MAX_LENGTH || !address.safeParse(trimmed).success) {
    throw badUserInput("This is not an e-mail address.", path);
  }
  const at = trimmed.lastIndexOf("@");
  return trimmed.slice(0, at) + trimmed.slice(at).toLowerCase();
}
