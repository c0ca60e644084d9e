import type { Language } from "../../../platform/graphql/context.ts";
import { bcryptCost, MAX_BCRYPT_COST } from "../accounts/bcrypt-hash.ts";
import { parseEmail } from "../accounts/email-address.ts";
import { checkedName } from "../accounts/person-name.ts";
import { Genders, SkinTypes, type Gender, type SkinType } from "../accounts/user.vocabulary.ts";
import { parsePhone } from "../phones/phone-number.ts";

/** The columns that a file of users may have, with what belongs into them. */
export const IMPORT_COLUMNS = {
  email: "e-mail address",
  email_verified: "true when the address was confirmed; needed beside a phone or google_subject",
  phone: "phone number with the country's code, such as +85512345678",
  phone_verified: "true when the phone was confirmed; needed for each phone",
  google_subject: "the `sub` of the Google account",
  password_hash: `bcrypt hash ($2a$, $2b$ or $2y$) of a cost up to ${MAX_BCRYPT_COST}`,
  first_name: "at most 100 characters",
  last_name: "at most 100 characters",
  date_of_birth: "YYYY-MM-DD",
  gender: "male, female or other",
  skin_type: "oily, dry, combination, sensitive, normal, acne or all; normal when empty",
  language: "en or kh; en when empty",
  role: "customer, or empty",
  created_at: "ISO 8601 with time zone, such as 2024-05-01T08:00:00Z; now when empty",
} as const;

export type ImportColumn = keyof typeof IMPORT_COLUMNS;

/** One line of a file: the value of each column, empty where the file has none. */
export type ImportRecord = Readonly<Record<ImportColumn, string>>;

/** A user of an older system, ready to be added. */
export interface ImportedUser {
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly phone: string | null;
  readonly googleSubject: string | null;
  readonly passwordHash: string | null;
  readonly firstName: string;
  readonly lastName: string;
  readonly dateOfBirth: string | null;
  readonly gender: Gender | null;
  readonly skinType: SkinType;
  readonly language: Language;
  /** Null means now. */
  readonly createdAt: string | null;
}

/** A row that cannot become a user; the message says why. */
export class RowRefused extends Error {}

const EARLIEST_BIRTH = "1900-01-01";
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;
const SUBJECT = /^[\x21-\x7e]{1,255}$/;

/** Reads one row. @throws RowRefused */
export function readImportRow(record: ImportRecord, now: Date): ImportedUser {
  if (Object.values(record).some((text) => text.includes("\uFFFD"))) refuse("is not UTF-8");
  if (!["", "customer"].includes(record.role.toLowerCase())) {
    refuse("role: only customers can be imported");
  }
  const user: ImportedUser = {
    ...waysToSignIn(record),
    passwordHash: passwordHash(record.password_hash),
    firstName: field("first_name", () => checkedName(record.first_name, [])),
    lastName: field("last_name", () => checkedName(record.last_name, [])),
    dateOfBirth: dateOfBirth(record.date_of_birth, now),
    gender: oneOf("gender", record.gender, Genders),
    skinType: oneOf("skin_type", record.skin_type, { ...SkinTypes, ALL: "NORMAL" }) ?? "NORMAL",
    language: oneOf("language", record.language, { EN: "EN", KH: "KH" }) ?? "EN",
    createdAt: createdAt(record.created_at, now),
  };
  return user;
}

/**
 * An address or phone that nobody has confirmed may be a stranger's, who could then take the account over by confirming
 * it: it is only accepted where it is all that the account has.
 */
function waysToSignIn(
  record: ImportRecord,
): Pick<ImportedUser, "email" | "emailVerified" | "phone" | "googleSubject"> {
  const email = record.email === "" ? null : field("email", () => parseEmail(record.email, []));
  const phone = record.phone === "" ? null : field("phone", () => parsePhone(record.phone, []));
  const emailVerified = yesOrNo("email_verified", record.email_verified) && email !== null;
  const phoneVerified = yesOrNo("phone_verified", record.phone_verified);
  const googleSubject = record.google_subject === "" ? null : record.google_subject;
  if (googleSubject !== null && !SUBJECT.test(googleSubject)) refuse("google_subject: malformed");
  if (email === null && phone === null && googleSubject === null) {
    refuse("has no email, phone or google_subject to sign in with");
  }
  if (phone !== null && !phoneVerified) refuse("phone: not verified");
  if (email !== null && !emailVerified && (phone ?? googleSubject) !== null) {
    refuse("email: not verified, beside a phone or google_subject");
  }
  return { email, emailVerified, phone, googleSubject };
}

function passwordHash(text: string): string | null {
  if (text === "") return null;
  const cost = bcryptCost(text);
  if (cost === null) return refuse("password_hash: not a bcrypt hash");
  return cost > MAX_BCRYPT_COST
    ? refuse(`password_hash: a cost above ${MAX_BCRYPT_COST} takes too long at sign-in`)
    : text;
}

function dateOfBirth(text: string, now: Date): string | null {
  if (text === "") return null;
  const today = now.toISOString().slice(0, 10);
  const known = DATE.test(text) && isDay(text) && text >= EARLIEST_BIRTH && text <= today;
  return known ? text : refuse("date_of_birth: not a date of birth as YYYY-MM-DD");
}

function createdAt(text: string, now: Date): string | null {
  if (text === "") return null;
  const at = TIME.test(text) && isDay(text.slice(0, 10)) ? new Date(text) : null;
  if (at === null || Number.isNaN(at.getTime())) {
    return refuse("created_at: not a time as ISO 8601 with time zone");
  }
  return at > now ? refuse("created_at: in the future") : at.toISOString();
}

/** Whether the calendar has the day; Date turns 30 February into 1 March. */
function isDay(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

function yesOrNo(column: ImportColumn, text: string): boolean {
  if (["true", "t", "yes", "1"].includes(text.toLowerCase())) return true;
  return ["", "false", "f", "no", "0"].includes(text.toLowerCase())
    ? false
    : refuse(`${column}: neither true nor false`);
}

function oneOf<T extends string>(
  column: ImportColumn,
  text: string,
  values: Readonly<Record<string, T>>,
): T | null {
  if (text === "") return null;
  const name = text.toUpperCase();
  return Object.hasOwn(values, name)
    ? (values[name] as T)
    : refuse(`${column}: ${IMPORT_COLUMNS[column]}`);
}

/** What other doors into identity refuse is a reason here. */
function field<T>(column: ImportColumn, read: () => T): T {
  try {
    return read();
  } catch (error) {
    return refuse(`${column}: ${error instanceof Error ? error.message : "malformed"}`);
  }
}

const refuse = (reason: string): never => {
  throw new RowRefused(reason);
};
