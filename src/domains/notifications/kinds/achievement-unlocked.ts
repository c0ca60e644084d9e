import { z } from "zod";
import { achievementUnlocked as unlocked } from "../../goals/index.ts";
import { notificationKind } from "./notification-kind.ts";

export const achievementUnlocked = notificationKind({
  kind: "ACHIEVEMENT_UNLOCKED",
  description: "An achievement was unlocked.",
  facts: z.object({ titles: z.object({ EN: z.string(), KH: z.string() }), points: z.number() }),
  texts: {
    EN: ({ titles, points }) => ({
      title: `Unlocked: ${titles.EN}`,
      body: points > 0 ? `${points} points were added to your wallet.` : "",
    }),
    KH: ({ titles, points }) => ({
      title: `បានដោះសោ៖ ${titles.KH}`,
      body: points > 0 ? `ពិន្ទុ ${points} ត្រូវបានបន្ថែមទៅក្នុងកាបូបរបស់អ្នក។` : "",
    }),
  },
  event: unlocked,
  newsOf: ({ userId, achievement, titles, points }) => ({
    userId,
    key: `achievement:${achievement}`,
    refId: null,
    facts: { titles: { ...titles }, points },
  }),
});
