import { registerEnumType } from "type-graphql";

/** What users can subscribe to, and what they have without. */
export const PlanNames = { FREE: "FREE", PREMIUM: "PREMIUM", PRO: "PRO", VIP: "VIP" } as const;
export type PlanName = keyof typeof PlanNames;

/** What a plan gives besides its limits. */
export const Entitlements = {
  MORE_SKIN_ANALYSES: "MORE_SKIN_ANALYSES",
  MORE_PAL_QUESTIONS: "MORE_PAL_QUESTIONS",
  UNLIMITED_CHAT: "UNLIMITED_CHAT",
  WEEKLY_POINTS: "WEEKLY_POINTS",
} as const;
export type Entitlement = keyof typeof Entitlements;

registerEnumType(PlanNames, {
  name: "PlanName",
  description: "What users can subscribe to, and what they have without.",
  valuesConfig: {
    FREE: { description: "What everybody has." },
    PREMIUM: { description: "More skin analyses and more questions about the skin." },
    PRO: { description: "Chat without a limit." },
    VIP: { description: "Points for emoji each week." },
  },
});

registerEnumType(Entitlements, {
  name: "Entitlement",
  description: "What a plan gives besides its limits.",
  valuesConfig: {
    MORE_SKIN_ANALYSES: { description: "A higher limit of skin analyses." },
    MORE_PAL_QUESTIONS: { description: "A higher limit of questions about the skin." },
    UNLIMITED_CHAT: { description: "No limit of chat messages." },
    WEEKLY_POINTS: { description: "Points as a gift, each week." },
  },
});
