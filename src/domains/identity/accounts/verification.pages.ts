import type { Language } from "../../../platform/graphql/context.ts";
import { escaped, htmlPage } from "../html-page.ts";

interface PageTexts {
  readonly title: string;
  readonly ask: string;
  readonly button: string;
  readonly done: string;
  readonly used: string;
  readonly expired: string;
  readonly unknown: string;
  readonly later: string;
}

const TEXTS: Record<Language, PageTexts> = {
  EN: {
    title: "Confirm your e-mail address",
    ask: "One click and your account is ready.",
    button: "Confirm my address",
    done: "Your e-mail address is confirmed. Go back to the app and sign in.",
    used: "This link was used before. If your address is confirmed, just sign in.",
    expired: "This link has expired. Ask the app for a new mail.",
    unknown: "This link is not complete. Open it from the mail once more.",
    later: "Too many tries. Wait a minute and try again.",
  },
  KH: {
    title: "បញ្ជាក់អាសយដ្ឋានអ៊ីមែលរបស់អ្នក",
    ask: "ចុចម្តង គណនីរបស់អ្នកនឹងរួចរាល់។",
    button: "បញ្ជាក់អាសយដ្ឋានរបស់ខ្ញុំ",
    done: "អាសយដ្ឋានអ៊ីមែលរបស់អ្នកត្រូវបានបញ្ជាក់។ សូមត្រឡប់ទៅកម្មវិធីវិញ ហើយចូលគណនី។",
    used: "តំណនេះត្រូវបានប្រើរួចហើយ។ ប្រសិនបើអាសយដ្ឋានត្រូវបានបញ្ជាក់ សូមចូលគណនី។",
    expired: "តំណនេះផុតកំណត់ហើយ។ សូមស្នើសុំអ៊ីមែលថ្មីពីកម្មវិធី។",
    unknown: "តំណនេះមិនពេញលេញទេ។ សូមបើកវាពីអ៊ីមែលម្តងទៀត។",
    later: "ព្យាយាមច្រើនដងពេក។ សូមរង់ចាំមួយនាទី រួចព្យាយាមម្តងទៀត។",
  },
};

/** The page with the button. @param action Where the form is posted to. */
export function askPage(language: Language, action: string, token: string): string {
  const { ask, button } = TEXTS[language];
  return page(
    language,
    `<p>${ask}</p><form method="post" action="${action}"><input type="hidden" name="token" value="${escaped(token)}"><button>${button}</button></form>`,
  );
}

/** The page after the address was confirmed. */
export const donePage = (language: Language): string =>
  page(language, `<p>${TEXTS[language].done}</p>`);

/** @param code Why the token was refused; anything unknown reads as a broken link. */
export function refusedPage(language: Language, code: string): string {
  const { used, expired, unknown, later } = TEXTS[language];
  const reasons: Record<string, string> = {
    TOKEN_USED: used,
    TOKEN_EXPIRED: expired,
    LATER: later,
  };
  return page(language, `<p>${reasons[code] ?? unknown}</p>`);
}

const page = (language: Language, body: string): string =>
  htmlPage(language, TEXTS[language].title, body);
