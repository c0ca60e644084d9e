import { registerEnumType } from "type-graphql";
import type { Role } from "../../../platform/graphql/context.ts";

/** Types of skin, of people and of what products are made for. */
export const SkinTypes = {
  OILY: "OILY",
  DRY: "DRY",
  COMBINATION: "COMBINATION",
  SENSITIVE: "SENSITIVE",
  NORMAL: "NORMAL",
  ACNE: "ACNE",
} as const;
export type SkinType = keyof typeof SkinTypes;

registerEnumType(SkinTypes, {
  name: "SkinType",
  description: "Types of skin.",
  valuesConfig: {
    OILY: { description: "Shines, with wide pores." },
    DRY: { description: "Tight, may flake." },
    COMBINATION: { description: "Oily forehead, nose and chin; dry or normal cheeks." },
    SENSITIVE: { description: "Reddens or stings easily." },
    NORMAL: { description: "Balanced." },
    ACNE: { description: "Prone to blemishes." },
  },
});

export const Genders = { MALE: "MALE", FEMALE: "FEMALE", OTHER: "OTHER" } as const;
export type Gender = keyof typeof Genders;

registerEnumType(Genders, {
  name: "Gender",
  description: "Gender, as the person says.",
  valuesConfig: {
    MALE: { description: "Male." },
    FEMALE: { description: "Female." },
    OTHER: { description: "Neither, or both." },
  },
});

export const Roles = {
  CUSTOMER: "CUSTOMER",
  MODERATOR: "MODERATOR",
  ADMIN: "ADMIN",
} as const satisfies { [R in Role]: R };

registerEnumType(Roles, {
  name: "Role",
  description: "What a user may do.",
  valuesConfig: {
    CUSTOMER: { description: "Sees and changes only what is theirs." },
    MODERATOR: { description: "Moderates reviews and reads customers as well." },
    ADMIN: { description: "Does everything." },
  },
});
