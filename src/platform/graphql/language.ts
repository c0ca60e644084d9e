import { registerEnumType } from "type-graphql";
import type { Language } from "./context.ts";

/** The languages of texts, as the GraphQL enum `Language`. */
export const Languages = { EN: "EN", KH: "KH" } as const satisfies { [L in Language]: L };

registerEnumType(Languages, {
  name: "Language",
  description: "Languages that texts come in.",
  valuesConfig: {
    EN: { description: "English." },
    KH: { description: "Khmer." },
  },
});
