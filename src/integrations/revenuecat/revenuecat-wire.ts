import { z } from "zod";

const text = z.string().trim().min(1).max(255);
const moment = z
  .number()
  .min(0)
  .max(8.64e15)
  .transform((ms) => new Date(ms));
const optionalText = text.nullish().transform((value) => value ?? null);
const optionalMoment = moment.nullish().transform((value) => value ?? null);
const optionalTexts = z
  .array(text)
  .nullish()
  .transform((value) => value ?? []);

/** What every event has, also one of a type that is not known here. */
export const anyEvent = z.object({
  id: text,
  type: text,
  event_timestamp_ms: optionalMoment,
  app_user_id: optionalText,
  original_app_user_id: optionalText,
  aliases: optionalTexts,
  transferred_to: optionalTexts,
});
export type AnyEvent = z.infer<typeof anyEvent>;

/** The body of a webhook. */
export const envelope = z.object({ event: z.looseObject({}) });

const origin = {
  id: text,
  event_timestamp_ms: moment,
  app_user_id: optionalText,
  original_app_user_id: optionalText,
  aliases: optionalTexts,
  environment: optionalText,
};
const purchase = {
  ...origin,
  product_id: text,
  transaction_id: optionalText,
  expiration_at_ms: optionalMoment,
  price: z.number().nullish(),
  price_in_purchased_currency: z.number().nullish(),
  currency: optionalText,
};

/** An event about something that was bought. */
export const purchaseEvent = z.object({
  ...purchase,
  period_type: optionalText,
  grace_period_expiration_at_ms: optionalMoment,
  cancel_reason: optionalText,
  expiration_reason: optionalText,
});
export type PurchaseEvent = z.infer<typeof purchaseEvent>;

/** Units of a currency of the app were bought. */
export const currencyEvent = z.object({
  ...purchase,
  product_id: optionalText,
  source: optionalText,
  purchase_environment: optionalText,
});

/** Access for at most a day while the store cannot be asked; it need not say for which product. */
export const grantEvent = z.object({ ...purchase, product_id: optionalText });

/** Purchases changed hands. It is sent once, for those who have them now. */
export const transferEvent = z.object({
  ...origin,
  transferred_from: z.array(text).min(1),
  transferred_to: z.array(text).min(1),
});

const date = z
  .string()
  .transform((value) => new Date(value))
  .refine((value) => !Number.isNaN(value.getTime()));
const optionalDate = date.nullish().transform((value) => value ?? null);

const subscription = z.object({
  purchase_date: date,
  expires_date: optionalDate,
  grace_period_expires_date: optionalDate,
  unsubscribe_detected_at: optionalDate,
  billing_issues_detected_at: optionalDate,
  refunded_at: optionalDate,
  auto_resume_date: optionalDate,
  period_type: optionalText,
  store_transaction_id: optionalText,
  is_sandbox: z.boolean().nullish(),
});
export type WireSubscription = z.infer<typeof subscription>;

const singlePurchase = z.object({
  purchase_date: date,
  store_transaction_id: optionalText,
  is_sandbox: z.boolean().nullish(),
});
export type WireSinglePurchase = z.infer<typeof singlePurchase>;

/** The answer of `GET /v1/subscribers/{app_user_id}`: purchases by the id of their product. */
export const subscriberAnswer = z.object({
  request_date_ms: moment,
  subscriber: z.object({
    subscriptions: z.record(z.string(), subscription),
    non_subscriptions: z.record(z.string(), z.array(singlePurchase)),
  }),
});
export type Subscriber = z.infer<typeof subscriberAnswer>["subscriber"];
