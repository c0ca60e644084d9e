import { registerEnumType } from "type-graphql";

/** What plans limit. */
export const UsageLimits = {
  SKIN_ANALYSES: "SKIN_ANALYSES",
  PAL_QUESTIONS: "PAL_QUESTIONS",
  CHAT_MESSAGES: "CHAT_MESSAGES",
  CARE_PLANS: "CARE_PLANS",
} as const;
export type UsageLimit = keyof typeof UsageLimits;

registerEnumType(UsageLimits, {
  name: "UsageLimit",
  description: "What plans limit.",
  valuesConfig: {
    SKIN_ANALYSES: { description: "Skin analyses in a calendar month." },
    PAL_QUESTIONS: { description: "Questions about the skin in a day." },
    CHAT_MESSAGES: { description: "Chat messages in a day." },
    CARE_PLANS: { description: "Plans of goals and of routines in a day, together." },
  },
});
