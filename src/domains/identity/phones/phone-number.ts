import { badUserInput } from "../../../platform/graphql/errors.ts";

const E164 = /^\+[1-9]\d{6,14}$/;
const SEPARATORS = /[\s().-]+/g;

/**
 * The number in E.164, such as +85512345678: the country's code is needed, separators may be left in.
 * @param path Where in the input it stands.
 * @throws BAD_USER_INPUT when it is not a phone number.
 */
export function parsePhone(text: string, path: readonly string[]): string {
  const number = text.length > 40 ? "" : text.replaceAll(SEPARATORS, "");
  if (!E164.test(number)) {
    throw badUserInput("This is not a phone number with its country's code.", path);
  }
  return number;
}

/** Whether somebody who signs in has given a phone number, well-formed or not, rather than an e-mail address. */
export const looksLikePhone = (text: string): boolean =>
  !text.includes("@") && /^\s*\+?[\d(]/.test(text);
