import type { Language } from "../../../platform/graphql/context.ts";
import type { MailText } from "../mails/outgoing-mail.service.ts";

interface Wording {
  readonly subject: string;
  readonly lines: readonly string[];
  readonly button?: string;
}

const VERIFY: Record<Language, (hours: number) => Wording> = {
  EN: (hours) => ({
    subject: "Confirm your e-mail address",
    lines: [
      "Welcome to facet. Open this link to confirm your e-mail address:",
      `The link works once, within ${hours} ${hours === 1 ? "hour" : "hours"}.`,
      "If you did not create an account, do nothing: without the link nobody can use it.",
    ],
    button: "Confirm my address",
  }),
  KH: (hours) => ({
    subject: "បញ្ជាក់អាសយដ្ឋានអ៊ីមែលរបស់អ្នក",
    lines: [
      "សូមស្វាគមន៍មកកាន់ facet។ សូមបើកតំណនេះ ដើម្បីបញ្ជាក់អាសយដ្ឋានអ៊ីមែលរបស់អ្នក៖",
      `តំណនេះប្រើបានតែម្តង ក្នុងរយៈពេល ${hours} ម៉ោង។`,
      "ប្រសិនបើអ្នកមិនបានបង្កើតគណនីទេ សូមកុំអើពើនឹងសារនេះ៖ គ្មាននរណាអាចប្រើវាបានទេ បើគ្មានតំណនេះ។",
    ],
    button: "បញ្ជាក់អាសយដ្ឋានរបស់ខ្ញុំ",
  }),
};

const EXISTS: Record<Language, Wording> = {
  EN: {
    subject: "You already have an account",
    lines: [
      "Somebody tried to register at facet with your e-mail address.",
      "You already have an account: sign in with your password. Nothing has changed.",
      "If it was not you, there is nothing to do.",
    ],
  },
  KH: {
    subject: "អ្នកមានគណនីរួចហើយ",
    lines: [
      "មាននរណាម្នាក់បានព្យាយាមចុះឈ្មោះនៅ facet ដោយប្រើអាសយដ្ឋានអ៊ីមែលរបស់អ្នក។",
      "អ្នកមានគណនីរួចហើយ៖ សូមចូលដោយប្រើពាក្យសម្ងាត់របស់អ្នក។ គ្មានអ្វីផ្លាស់ប្តូរទេ។",
      "ប្រសិនបើមិនមែនជាអ្នកទេ អ្នកមិនចាំបាច់ធ្វើអ្វីឡើយ។",
    ],
  },
};

const RESET: Record<Language, (minutes: number) => Wording> = {
  EN: (minutes) => ({
    subject: "Choose a new password",
    lines: [
      "Somebody asked for a new password of your facet account. Open this link to choose one:",
      `The link works once, within ${minutes} minutes. It signs you out everywhere.`,
      "If it was not you, do nothing: your password stays as it is.",
    ],
    button: "Choose a new password",
  }),
  KH: (minutes) => ({
    subject: "ជ្រើសរើសពាក្យសម្ងាត់ថ្មី",
    lines: [
      "មាននរណាម្នាក់បានស្នើសុំពាក្យសម្ងាត់ថ្មីសម្រាប់គណនី facet របស់អ្នក។ សូមបើកតំណនេះ ដើម្បីជ្រើសរើស៖",
      `តំណនេះប្រើបានតែម្តង ក្នុងរយៈពេល ${minutes} នាទី។ អ្នកនឹងត្រូវចាកចេញពីគ្រប់ឧបករណ៍។`,
      "ប្រសិនបើមិនមែនជាអ្នកទេ សូមកុំធ្វើអ្វី៖ ពាក្យសម្ងាត់របស់អ្នកនៅដដែល។",
    ],
    button: "ជ្រើសរើសពាក្យសម្ងាត់ថ្មី",
  }),
};

const CHANGED: Record<Language, Wording> = {
  EN: {
    subject: "Your password was changed",
    lines: [
      "The password of your facet account was changed, and other devices were signed out.",
      "If it was not you, choose a new password at once: ask the app for it by “Forgot password”.",
    ],
  },
  KH: {
    subject: "ពាក្យសម្ងាត់របស់អ្នកត្រូវបានផ្លាស់ប្តូរ",
    lines: [
      "ពាក្យសម្ងាត់នៃគណនី facet របស់អ្នកត្រូវបានផ្លាស់ប្តូរ ហើយឧបករណ៍ផ្សេងទៀតត្រូវបានចាកចេញ។",
      "ប្រសិនបើមិនមែនជាអ្នកទេ សូមជ្រើសរើសពាក្យសម្ងាត់ថ្មីភ្លាម តាម “ភ្លេចពាក្យសម្ងាត់” ក្នុងកម្មវិធី។",
    ],
  },
};

const DELETED: Record<Language, Wording> = {
  EN: {
    subject: "Your account was deleted",
    lines: [
      "Your facet account and everything personal in it have been deleted, as you asked.",
      "What you paid for is kept in our books as long as the law asks for it, without your name.",
      "This is the last mail: your address has been deleted as well.",
    ],
  },
  KH: {
    subject: "គណនីរបស់អ្នកត្រូវបានលុប",
    lines: [
      "គណនី facet របស់អ្នក និងទិន្នន័យផ្ទាល់ខ្លួនទាំងអស់ ត្រូវបានលុបតាមសំណើរបស់អ្នក។",
      "អ្វីដែលអ្នកបានបង់ប្រាក់ ត្រូវរក្សាទុកក្នុងបញ្ជីរបស់យើងតាមច្បាប់ ដោយគ្មានឈ្មោះរបស់អ្នក។",
      "នេះជាអ៊ីមែលចុងក្រោយ៖ អាសយដ្ឋានរបស់អ្នកក៏ត្រូវបានលុបដែរ។",
    ],
  },
};

/** The mail that tells about the end of an account; no other follows it. */
export const deletedMail = (language: Language): MailText =>
  compose(language, DELETED[language], null);

/** The mail with the link behind which a new password is chosen. */
export function resetMail(language: Language, url: string, validSeconds: number): MailText {
  return compose(language, RESET[language](Math.max(1, Math.round(validSeconds / 60))), url);
}

/** The mail that tells about a new password, so that its owner notices a change by somebody else. */
export const passwordChangedMail = (language: Language): MailText =>
  compose(language, CHANGED[language], null);

const LINK: Record<Language, (hours: number) => Wording> = {
  EN: (hours) => ({
    subject: "Add this address to a facet account",
    lines: [
      "Somebody uses facet without an address and wants to add yours. Open this link only if it was you:",
      `The link works once, within ${hours} ${hours === 1 ? "hour" : "hours"}.`,
      "If it was not you, do nothing: the account would stay in the hands of whoever asked.",
    ],
    button: "Yes, it was me",
  }),
  KH: (hours) => ({
    subject: "បន្ថែមអាសយដ្ឋាននេះទៅគណនី facet",
    lines: [
      "មាននរណាម្នាក់ប្រើ facet ដោយគ្មានអាសយដ្ឋាន ហើយចង់បន្ថែមអាសយដ្ឋានរបស់អ្នក។ សូមបើកតំណនេះ តែប្រសិនបើជាអ្នក៖",
      `តំណនេះប្រើបានតែម្តង ក្នុងរយៈពេល ${hours} ម៉ោង។`,
      "ប្រសិនបើមិនមែនជាអ្នកទេ សូមកុំធ្វើអ្វី៖ គណនីនោះនៅក្នុងដៃអ្នកដែលបានស្នើសុំ។",
    ],
    button: "បាទ/ចាស គឺជាខ្ញុំ",
  }),
};

/** The mail with the link that adds an address to an account in use. */
export const linkMail = (language: Language, url: string, validSeconds: number): MailText =>
  compose(language, LINK[language](Math.max(1, Math.round(validSeconds / 3600))), url);

/** The mail with the link that confirms an address. It says nothing that a stranger could have written. */
export function verificationMail(language: Language, url: string, validSeconds: number): MailText {
  return compose(language, VERIFY[language](Math.max(1, Math.round(validSeconds / 3600))), url);
}

/** The mail to somebody who registers again. */
export const accountExistsMail = (language: Language): MailText =>
  compose(language, EXISTS[language], null);

function compose(language: Language, wording: Wording, url: string | null): MailText {
  const [first = "", ...rest] = wording.lines;
  const paragraphs = url === null ? [first, ...rest] : [first, url, ...rest];
  const link = `<a href="${url ?? ""}">${wording.button ?? ""}</a>`;
  const html = [first, ...(url === null ? [] : [link]), ...rest].map((line) => `<p>${line}</p>`);
  return {
    subject: wording.subject,
    text: `${paragraphs.join("\n\n")}\n`,
    html: `<!doctype html><html lang="${language === "KH" ? "km" : "en"}"><meta charset="utf-8"><body style="font-family:sans-serif;line-height:1.5">${html.join("")}</body></html>`,
  };
}
