import { z } from "zod";
import bundled from "./default-config.json" with { type: "json" };
import { Entitlements, PlanNames } from "./plan.vocabulary.ts";

const count = z.int().min(0).max(1_000_000);
const productIds = z.array(z.string().trim().min(1).max(200)).readonly();
const CARE_PLANS_PER_DAY = 5;
const packageName = z.string().regex(/^[A-Z][A-Z0-9_]{0,49}$/);

const plan = z.strictObject({
  entitlements: z.array(z.enum(Entitlements)).readonly(),
  limits: z.strictObject({
    skinAnalysesPerMonth: count,
    palQuestionsPerDay: count,
    /** Null: without a limit. */
    chatMessagesPerDay: count.nullable(),
    /** Has a default, so that documents that are older than this limit stay valid. */
    carePlansPerDay: count.default(CARE_PLANS_PER_DAY),
  }),
  /** Under which ids the stores sell it. */
  products: z.strictObject({ stripe: productIds, revenueCat: productIds }),
});

const document = z.strictObject({
  minimumAppVersion: z.string().regex(/^\d+\.\d+\.\d+$/),
  plans: z.record(z.enum(PlanNames), plan),
  emoji: z.strictObject({ pricePoints: count, refundOnFailure: z.boolean() }),
  vip: z.strictObject({ weeklyPoints: count }),
  pointPackages: z
    .array(
      z.strictObject({
        name: packageName,
        points: count.min(1),
        products: z.strictObject({ revenueCat: productIds }),
      }),
    )
    .readonly(),
  creditPackages: z
    .array(
      z.strictObject({
        name: packageName,
        credits: count.min(1),
        /** Decimal text with two decimals. */
        price: z.strictObject({
          amount: z.string().regex(/^\d{1,7}\.\d{2}$/),
          currency: z.string().regex(/^[A-Z]{3}$/),
        }),
        products: z.strictObject({ dodo: productIds }),
      }),
    )
    .readonly(),
});

/** What is sold, what it gives and what it costs. It may change while the process runs. */
export type PlanDocument = z.infer<typeof document>;

/** The document that comes with the program. */
export const bundledPlans: unknown = bundled;

/**
 * The form of the document; what it does not know, it refuses.
 * @param overrides values of this installation that go above every document
 */
export function planDocumentSchema(overrides: {
  readonly skinAnalysesPerMonth: number | undefined;
}): z.ZodType<PlanDocument> {
  return document
    .refine((read) => unique(soldIds(read)), { error: "a product id that stands for two things" })
    .refine((read) => unique([...read.pointPackages, ...read.creditPackages].map(nameOf)), {
      error: "two packages of one name",
    })
    .transform((read) => {
      const { skinAnalysesPerMonth = read.plans.FREE.limits.skinAnalysesPerMonth } = overrides;
      const limits = { ...read.plans.FREE.limits, skinAnalysesPerMonth };
      return { ...read, plans: { ...read.plans, FREE: { ...read.plans.FREE, limits } } };
    });
}

const nameOf = ({ name }: { readonly name: string }): string => name;

const soldIds = ({ plans, pointPackages, creditPackages }: PlanDocument): string[] =>
  [...Object.values(plans), ...pointPackages, ...creditPackages].flatMap(({ products }) =>
    Object.entries(products).flatMap(([store, ids]) => ids.map((id) => `${store} ${id}`)),
  );

const unique = (names: readonly string[]): boolean => new Set(names).size === names.length;
