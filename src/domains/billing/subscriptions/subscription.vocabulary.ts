import { registerEnumType } from "type-graphql";

/** How a subscription stands. */
export const SubscriptionStatuses = {
  INCOMPLETE: "INCOMPLETE",
  TRIALING: "TRIALING",
  ACTIVE: "ACTIVE",
  PAST_DUE: "PAST_DUE",
  PAUSED: "PAUSED",
  CANCELED: "CANCELED",
  EXPIRED: "EXPIRED",
} as const;

/** Where subscriptions are bought and changed. */
export const SalesChannels = { WEB: "WEB", PHONE: "PHONE" } as const;
export type SalesChannel = keyof typeof SalesChannels;

registerEnumType(SubscriptionStatuses, {
  name: "SubscriptionStatus",
  description: "How a subscription stands.",
  valuesConfig: {
    INCOMPLETE: { description: "The first payment is not made yet." },
    TRIALING: { description: "Free of charge for a while." },
    ACTIVE: { description: "Paid." },
    PAST_DUE: { description: "A payment failed and is tried again." },
    PAUSED: { description: "It gives nothing until it is resumed or paid." },
    CANCELED: { description: "Ended by the user or the store." },
    EXPIRED: { description: "Ended with its time." },
  },
});

registerEnumType(SalesChannels, {
  name: "SalesChannel",
  description: "Where subscriptions are bought and changed.",
  valuesConfig: {
    WEB: { description: "In the browser: it can be canceled and resumed here." },
    PHONE: { description: "In the store of a phone: it can only be changed there." },
  },
});
