import type { Language } from "../../../platform/graphql/context.ts";
import type { Profile } from "../profile.repository.ts";

/** What an achievement is counted from. */
type Counted = Pick<
  Profile,
  "scans" | "goalsCompleted" | "longestStreak" | "bestRise" | "reviewsApproved"
>;

type Texts = Readonly<Record<Language, string>>;

/** One achievement: a row of the table below. */
export interface AchievementDefinition {
  readonly name: string;
  readonly title: Texts;
  readonly description: Texts;
  readonly counter: keyof Counted;
  readonly goal: number;
  /** POINTS that unlocking it gives. With any, it is unlocked for registered users only. */
  readonly points: number;
}

const achievement = (
  name: string,
  rule: { readonly counter: keyof Counted; readonly goal: number; readonly points: number },
  title: Texts,
  description: Texts,
): AchievementDefinition => ({ name, title, description, ...rule });

/** All achievements, in the order in which they are shown. A new one is an entry here. */
export const ACHIEVEMENTS: readonly AchievementDefinition[] = [
  achievement(
    "FIRST_SCAN",
    { counter: "scans", goal: 1, points: 0 },
    { EN: "First look", KH: "ការមើលលើកដំបូង" },
    { EN: "Have your skin analysed once.", KH: "វិភាគស្បែករបស់អ្នកម្តង។" },
  ),
  achievement(
    "TEN_SCANS",
    { counter: "scans", goal: 10, points: 20 },
    { EN: "Keen eye", KH: "ភ្នែកមុត" },
    { EN: "Have your skin analysed ten times.", KH: "វិភាគស្បែករបស់អ្នកដប់ដង។" },
  ),
  achievement(
    "STREAK_7_DAYS",
    { counter: "longestStreak", goal: 7, points: 20 },
    { EN: "A week of care", KH: "ថែទាំមួយសប្តាហ៍" },
    {
      EN: "Analyse your skin or log progress on seven days in a row.",
      KH: "វិភាគស្បែក ឬកត់ត្រាវឌ្ឍនភាព ប្រាំពីរថ្ងៃជាប់ៗគ្នា។",
    },
  ),
  achievement(
    "STREAK_30_DAYS",
    { counter: "longestStreak", goal: 30, points: 100 },
    { EN: "A month of care", KH: "ថែទាំមួយខែ" },
    {
      EN: "Analyse your skin or log progress on thirty days in a row.",
      KH: "វិភាគស្បែក ឬកត់ត្រាវឌ្ឍនភាព សាមសិបថ្ងៃជាប់ៗគ្នា។",
    },
  ),
  achievement(
    "FIRST_GOAL_COMPLETED",
    { counter: "goalsCompleted", goal: 1, points: 20 },
    { EN: "Goal!", KH: "សម្រេចគោលដៅ!" },
    { EN: "Complete your first goal.", KH: "សម្រេចគោលដៅដំបូងរបស់អ្នក។" },
  ),
  achievement(
    "FIVE_GOALS_COMPLETED",
    { counter: "goalsCompleted", goal: 5, points: 50 },
    { EN: "Determined", KH: "មានបំណងមុតមាំ" },
    {
      EN: "Complete five goals; of those that you set or end yourself, one a day counts.",
      KH: "សម្រេចគោលដៅប្រាំ។ គោលដៅដែលអ្នកកំណត់ ឬបញ្ចប់ដោយខ្លួនឯង រាប់តែមួយក្នុងមួយថ្ងៃ។",
    },
  ),
  achievement(
    "SCORE_UP_10",
    { counter: "bestRise", goal: 10, points: 50 },
    { EN: "Ten points better", KH: "ប្រសើរឡើងដប់ពិន្ទុ" },
    {
      EN: "Raise your overall score by ten points over the first one.",
      KH: "បង្កើនពិន្ទុរួមរបស់អ្នកដប់ពិន្ទុ លើសពិន្ទុដំបូង។",
    },
  ),
  achievement(
    "FIRST_REVIEW",
    { counter: "reviewsApproved", goal: 1, points: 20 },
    { EN: "First review", KH: "ការវាយតម្លៃដំបូង" },
    {
      EN: "Write about a product; it counts when the review is approved.",
      KH: "សរសេរការវាយតម្លៃផលិតផលមួយ ដែលត្រូវបានអនុម័ត។",
    },
  ),
];

/** How far a user has come, from 0 to the achievement's goal; null is a user of whom nothing is known yet. */
export const countOf = (definition: AchievementDefinition, profile: Counted | null): number =>
  Math.min(definition.goal, profile?.[definition.counter] ?? 0);

/** Whether everything that an achievement asks for is there. */
export const isEarned = (definition: AchievementDefinition, profile: Counted): boolean =>
  profile[definition.counter] >= definition.goal;
