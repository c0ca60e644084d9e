import { registerEnumType } from "type-graphql";

/** What plans limit. */
export const UsageLimits = { SKIN_ANALYSES: "SKIN_ANALYSES" } as const;
export type UsageLimit = keyof typeof UsageLimits;

registerEnumType(UsageLimits, {
  name: "UsageLimit",
  description: "What plans limit.",
  valuesConfig: { SKIN_ANALYSES: { description: "Skin analyses in a calendar month." } },
});
