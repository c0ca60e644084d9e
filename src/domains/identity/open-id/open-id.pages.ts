import type { Language } from "../../../platform/graphql/context.ts";
import { htmlPage } from "../html-page.ts";

const TEXTS: Record<Language, { title: string; over: string; done: string }> = {
  EN: {
    title: "Sign in",
    over: "This sign-in is over. Go back to the app and begin again.",
    done: "You can go back to the app now.",
  },
  KH: {
    title: "ចូលគណនី",
    over: "ការចូលនេះផុតកំណត់ហើយ។ សូមត្រឡប់ទៅកម្មវិធីវិញ ហើយចាប់ផ្តើមម្តងទៀត។",
    done: "អ្នកអាចត្រឡប់ទៅកម្មវិធីវិញបានហើយ។",
  },
};

/** The page when a sign-in in the browser is over, for good or bad. */
export const openIdPage = (language: Language, text: "over" | "done"): string =>
  htmlPage(language, TEXTS[language].title, `<p>${TEXTS[language][text]}</p>`);
