import type { Language } from "../../../platform/graphql/context.ts";
import type { PhoneCodePurpose } from "./phone-code.repository.ts";

const WHAT_FOR: Record<Language, Record<PhoneCodePurpose, string>> = {
  EN: {
    SIGN_UP: "your facet sign-up code",
    SIGN_IN: "your facet sign-in code",
    RESET_PASSWORD: "your facet code for a new password",
    LINK: "the code that adds this phone to a facet account",
  },
  KH: {
    SIGN_UP: "លេខកូដចុះឈ្មោះ facet របស់អ្នក",
    SIGN_IN: "លេខកូដចូលគណនី facet របស់អ្នក",
    RESET_PASSWORD: "លេខកូដ facet សម្រាប់ពាក្យសម្ងាត់ថ្មី",
    LINK: "លេខកូដសម្រាប់បន្ថែមលេខទូរស័ព្ទនេះទៅគណនី facet",
  },
};

/** The text message with a code. The code comes first, where lock screens and keyboards find it. */
export function codeText(language: Language, purpose: PhoneCodePurpose, code: string): string {
  const what = WHAT_FOR[language][purpose];
  return language === "KH"
    ? `${code} គឺជា${what}។ ប្រើបាន ៥ នាទី។ កុំប្រាប់នរណាឡើយ។`
    : `${code} is ${what}. It works for 5 minutes. Never tell it to anyone.`;
}
