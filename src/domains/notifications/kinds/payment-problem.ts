import { z } from "zod";
import { paymentFailed } from "../../billing/index.ts";
import { notificationKind } from "./notification-kind.ts";

export const paymentProblem = notificationKind({
  kind: "PAYMENT_PROBLEM",
  description: "A payment of a plan failed.",
  facts: z.object({ plan: z.string().nullable() }),
  texts: {
    EN: ({ plan }) => ({
      title: plan === null ? "Your payment failed" : `Your payment for ${plan} failed`,
      body: "Check how you pay, so that your plan goes on.",
    }),
    KH: ({ plan }) => ({
      title: plan === null ? "ការទូទាត់របស់អ្នកបរាជ័យ" : `ការទូទាត់របស់អ្នកសម្រាប់ ${plan} បរាជ័យ`,
      body: "សូមពិនិត្យវិធីទូទាត់របស់អ្នក ដើម្បីឱ្យគម្រោងរបស់អ្នកបន្តទៅមុខ។",
    }),
  },
  event: paymentFailed,
  // Cards are tried again and again: one word a day is enough.
  newsOf: ({ userId, subscriptionId, plan }, at) => ({
    userId,
    key: `${subscriptionId}:payment_failed:${at.toISOString().slice(0, 10)}`,
    refId: subscriptionId,
    facts: { plan },
  }),
});
