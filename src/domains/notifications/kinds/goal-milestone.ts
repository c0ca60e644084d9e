import { z } from "zod";
import { milestonesReached } from "../../goals/index.ts";
import { notificationKind } from "./notification-kind.ts";

export const goalMilestone = notificationKind({
  kind: "GOAL_MILESTONE",
  description: "A goal has passed a milestone.",
  facts: z.object({ goalTitle: z.string(), percentage: z.number(), title: z.string() }),
  texts: {
    EN: ({ goalTitle, percentage, title }) => ({
      title: percentage === 100 ? "You reached your goal" : `${percentage} % of your goal`,
      body: `${goalTitle}: ${title}`,
    }),
    KH: ({ goalTitle, percentage, title }) => ({
      title: percentage === 100 ? "អ្នកបានសម្រេចគោលដៅរបស់អ្នក" : `${percentage} % នៃគោលដៅរបស់អ្នក`,
      body: `${goalTitle}៖ ${title}`,
    }),
  },
  event: milestonesReached,
  // Of several that one step has passed, the furthest says all.
  newsOf: ({ userId, goalId, goalTitle, milestones }) => {
    const furthest = milestones.at(-1);
    if (!furthest) return null;
    const { percentage, title } = furthest;
    return {
      userId,
      key: `${goalId}:milestone:${percentage}`,
      refId: goalId,
      facts: { goalTitle, percentage, title },
    };
  },
});
