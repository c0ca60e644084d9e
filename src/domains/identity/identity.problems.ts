import { problem, refuse, registerProblemCodes } from "../../platform/graphql/problems.ts";

const MESSAGES = {
  INVALID_CREDENTIALS: "These credentials are not right.",
  EMAIL_NOT_VERIFIED: "Confirm your e-mail address first: open the link in the mail we sent.",
  PHONE_NOT_VERIFIED: "Confirm your phone first: sign in with a code.",
  PHONE_UNAVAILABLE: "Signing in by phone is not available.",
  SIGN_IN_UNAVAILABLE: "Signing in this way is not available.",
  ALREADY_LINKED: "This account has one already.",
  ALREADY_TAKEN: "It belongs to another account. Sign in there.",
  NOT_LINKED: "This account has none to remove.",
  LAST_SIGN_IN_METHOD: "This is the only way left to sign in. Add another one first.",
  PASSWORD_REQUIRED: "Enter your password.",
  SIGN_IN_AGAIN: "Sign in again first: this needs a sign-in of the last ten minutes.",
  ACCOUNT_REQUIRED: "Sign in to a full account first: with an address, a phone or Google.",
  SAME_ACCOUNT: "This device belongs to your account already.",
  NOT_A_GUEST: "This device belongs to a full account. It cannot become part of another one.",
  EXPORT_RUNNING: "An export is being made already. Wait for it.",
  TOO_MANY_EXPORTS: "Three exports were made within a day. Try again later.",
  CODE_INVALID: "This code is not right.",
  CODE_VOID: "Too many wrong tries. Ask for a new code.",
  PASSWORD_TOO_SHORT: "A password has at least 8 characters.",
  PASSWORD_TOO_LONG: "A password has at most 128 characters.",
  PASSWORD_TOO_COMMON: "This password is among the first that anyone would guess.",
  TOKEN_INVALID: "This token is not known.",
  TOKEN_USED: "This token was used before.",
  TOKEN_EXPIRED: "This token has expired.",
  SESSION_ENDED: "This session has ended. Sign in again.",
  UNSUPPORTED_IMAGE_TYPE: "Please send a JPEG, PNG, WebP or GIF picture.",
  IMAGE_TOO_LARGE: "The file is larger than 10 MB.",
  IMAGE_EMPTY: "The file is empty.",
  IMAGE_CORRUPT: "The picture is damaged or incomplete.",
  IMAGE_TOO_MANY_PIXELS: "The picture has too many pixels.",
  UPLOAD_NOT_FOUND: "There is no such upload.",
  UPLOAD_WRONG_PURPOSE: "The upload was made for something else.",
  UPLOAD_EXPIRED: "The upload has expired. Start a new one.",
  UPLOAD_USED: "The upload was used before.",
  UPLOAD_MISSING_BYTES: "The file has not been sent yet.",
  TOO_MANY_ADDRESSES: "There are 20 addresses already. Remove one first.",
  TIME_ZONE_JUST_CHANGED: "The time zone can be changed once in 24 hours.",
  TOO_MANY_UPLOADS: "Too many uploads are waiting to be used.",
} as const;

/** Codes of what identity refuses. */
export type IdentityProblemCode = keyof typeof MESSAGES;

registerProblemCodes(MESSAGES);

/** Refuses with one of identity's codes. @param path Where in the input, such as ["input", "password"]. */
export const refuseWith = (code: IdentityProblemCode, path: readonly string[] = []): never =>
  refuse(problem(code, MESSAGES[code], path));
