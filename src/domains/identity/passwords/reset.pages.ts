import type { Language } from "../../../platform/graphql/context.ts";
import { escaped, htmlPage } from "../html-page.ts";

interface PageTexts {
  readonly title: string;
  readonly ask: string;
  readonly button: string;
  readonly done: string;
  readonly refusals: Readonly<Record<string, string>>;
  readonly unknown: string;
}

const TEXTS: Record<Language, PageTexts> = {
  EN: {
    title: "Choose a new password",
    ask: "8 to 128 characters. You will be signed out everywhere.",
    button: "Set the password",
    done: "Your new password is set. Go back to the app and sign in.",
    refusals: {
      PASSWORD_TOO_SHORT: "A password has at least 8 characters.",
      PASSWORD_TOO_LONG: "A password has at most 128 characters.",
      PASSWORD_TOO_COMMON: "This password is among the first that anyone would guess.",
      TOKEN_USED: "This link was used before. Ask the app for a new mail.",
      TOKEN_EXPIRED: "This link has expired. Ask the app for a new mail.",
      LATER: "Too many tries. Wait a minute and try again.",
    },
    unknown: "This link is not complete. Open it from the mail once more.",
  },
  KH: {
    title: "ជ្រើសរើសពាក្យសម្ងាត់ថ្មី",
    ask: "ពី ៨ ទៅ ១២៨ តួអក្សរ។ អ្នកនឹងត្រូវចាកចេញពីគ្រប់ឧបករណ៍។",
    button: "កំណត់ពាក្យសម្ងាត់",
    done: "ពាក្យសម្ងាត់ថ្មីត្រូវបានកំណត់។ សូមត្រឡប់ទៅកម្មវិធីវិញ ហើយចូលគណនី។",
    refusals: {
      PASSWORD_TOO_SHORT: "ពាក្យសម្ងាត់ត្រូវមានយ៉ាងតិច ៨ តួអក្សរ។",
      PASSWORD_TOO_LONG: "ពាក្យសម្ងាត់មានយ៉ាងច្រើន ១២៨ តួអក្សរ។",
      PASSWORD_TOO_COMMON: "ពាក្យសម្ងាត់នេះងាយទាយពេក។",
      TOKEN_USED: "តំណនេះត្រូវបានប្រើរួចហើយ។ សូមស្នើសុំអ៊ីមែលថ្មីពីកម្មវិធី។",
      TOKEN_EXPIRED: "តំណនេះផុតកំណត់ហើយ។ សូមស្នើសុំអ៊ីមែលថ្មីពីកម្មវិធី។",
      LATER: "ព្យាយាមច្រើនដងពេក។ សូមរង់ចាំមួយនាទី រួចព្យាយាមម្តងទៀត។",
    },
    unknown: "តំណនេះមិនពេញលេញទេ។ សូមបើកវាពីអ៊ីមែលម្តងទៀត។",
  },
};

/**
 * The page with the form.
 * @param action Where the form is posted to.
 * @param refusal Code of why the last password was refused.
 */
export function resetAskPage(
  language: Language,
  action: string,
  token: string,
  refusal?: string,
): string {
  const { title, ask, button, refusals } = TEXTS[language];
  const hint = refusal === undefined ? ask : (refusals[refusal] ?? ask);
  return htmlPage(
    language,
    title,
    `<p>${hint}</p><form method="post" action="${action}"><input type="hidden" name="token" value="${escaped(token)}"><input type="password" name="password" autocomplete="new-password" minlength="8" maxlength="128" required aria-label="${title}"><button>${button}</button></form>`,
  );
}

/** The page after the password was set. */
export const resetDonePage = (language: Language): string =>
  htmlPage(language, TEXTS[language].title, `<p>${TEXTS[language].done}</p>`);

/** @param code Why the token was refused; anything unknown reads as a broken link. */
export function resetRefusedPage(language: Language, code: string): string {
  const { title, refusals, unknown } = TEXTS[language];
  return htmlPage(language, title, `<p>${refusals[code] ?? unknown}</p>`);
}
