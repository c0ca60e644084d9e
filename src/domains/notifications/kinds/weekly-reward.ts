import { z } from "zod";
import { weeklyReward as weeklyRewardGiven } from "../../billing/index.ts";
import { notificationKind } from "./notification-kind.ts";

export const weeklyReward = notificationKind({
  kind: "WEEKLY_REWARD",
  description: "The points of a week were given.",
  facts: z.object({ points: z.number() }),
  texts: {
    EN: ({ points }) => ({
      title: "Your weekly reward is here",
      body: `${points} points were added to your wallet.`,
    }),
    KH: ({ points }) => ({
      title: "រង្វាន់ប្រចាំសប្តាហ៍របស់អ្នកមកដល់ហើយ",
      body: `ពិន្ទុ ${points} ត្រូវបានបន្ថែមទៅក្នុងកាបូបរបស់អ្នក។`,
    }),
  },
  event: weeklyRewardGiven,
  newsOf: ({ userId, points, week }) => ({
    userId,
    key: `weekly_reward:${week}`,
    refId: null,
    facts: { points },
  }),
});
