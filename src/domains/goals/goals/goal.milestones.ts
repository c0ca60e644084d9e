import type { Language } from "../../../platform/graphql/context.ts";
import type { MilestoneWish } from "./goal.input.ts";

const TITLES: Readonly<Record<Language, readonly string[]>> = {
  EN: ["A good start", "Halfway there", "Nearly there", "Reached"],
  KH: ["ការចាប់ផ្តើមល្អ", "ពាក់កណ្តាលផ្លូវ", "ជិតដល់ហើយ", "សម្រេចបាន"],
};

/** The milestones of a goal that names none: each quarter. */
export const usualMilestones = (language: Language): MilestoneWish[] =>
  TITLES[language].map((title, index) => ({ percentage: (index + 1) * 25, title }));
