import { Arg, Args, Authorized, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import type { FeedEntry } from "../../../platform/events/feed.ts";
import { registerFeedTopic } from "../../../platform/events/feed.types.ts";
import {
  connectionOf,
  PageArgs,
  pageRequest,
  type Connection,
} from "../../../platform/graphql/connection.ts";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import { Viewer } from "../../identity/index.ts";
import type { CheckoutService } from "./checkout.service.ts";
import { moneyText } from "./money-text.ts";
import { PAYMENT_TOPIC } from "./payment.events.ts";
import type { Payment, PaymentRefund } from "./payment.repository.ts";
import type { PaymentService } from "./payment.service.ts";
import {
  PaidMoney,
  PaymentConnection,
  PaymentEvent,
  PaymentRefundType,
  PaymentType,
  StartCreditsCheckoutInput,
  StartCreditsCheckoutPayload,
} from "./payment.types.ts";

const NEWEST_FIRST = "payments.newest";

registerFeedTopic(PAYMENT_TOPIC, PaymentEvent.name);

@Resolver(() => PaymentType)
export class PaymentResolver {
  @FieldResolver(() => PaidMoney, {
    nullable: true,
    description: "What was paid; null when the store does not tell.",
  })
  paid(@Root() payment: Payment): PaidMoney | null {
    return moneyOf(payment.moneyAmount, payment.moneyCurrency);
  }

  @FieldResolver(() => Boolean, {
    description: "Whether the buyer has called it into question at the bank.",
  })
  disputed(@Root() payment: Payment): boolean {
    return payment.dispute !== null;
  }

  @FieldResolver(() => [PaymentRefundType], { description: "What went back, oldest first." })
  refunds(@Root() { id }: Payment, @Ctx() { loaders }: Context): Promise<PaymentRefund[]> {
    return loaders.paymentRefunds.load(id);
  }
}

@Resolver(() => PaymentRefundType)
export class PaymentRefundResolver {
  @FieldResolver(() => PaidMoney, {
    nullable: true,
    description: "The money; null when the store does not tell.",
  })
  async money(
    @Root() refund: PaymentRefund,
    @Ctx() { loaders }: Context,
  ): Promise<PaidMoney | null> {
    const payment = await loaders.payment.load(refund.paymentId);
    return moneyOf(refund.amount, payment?.moneyCurrency ?? null);
  }
}

@Resolver(() => PaymentEvent)
export class PaymentEventResolver {
  @FieldResolver(() => PaymentType, { nullable: true })
  payment(@Root() entry: FeedEntry, @Ctx() { loaders }: Context): Promise<Payment | null> {
    return loaders.payment.load(entry.refId);
  }
}

/** What the signed-in user has bought, and where more is bought. */
@Resolver(() => Viewer)
export class ViewerPaymentsResolver {
  constructor(
    private readonly service: PaymentService,
    private readonly checkouts: CheckoutService,
  ) {}

  @FieldResolver(() => PaymentConnection, {
    description: "Packages that the user bought or tried to buy, newest first.",
  })
  async payments(
    @Args(() => PageArgs) args: PageArgs,
    @Root() { id }: Viewer,
  ): Promise<Connection<Payment>> {
    const page = pageRequest(args, NEWEST_FIRST);
    const rows = await this.service.pageOf(id, page);
    return connectionOf(rows, page, NEWEST_FIRST, (payment) => [payment.id]);
  }

  @Authorized()
  @Mutation(() => StartCreditsCheckoutPayload, {
    description: "Opens the page where credits are paid. They come when the payment is through.",
  })
  startCreditsCheckout(
    @Arg("input", () => StartCreditsCheckoutInput, { description: "The package." })
    input: StartCreditsCheckoutInput,
    @Ctx() context: Context,
  ): Promise<StartCreditsCheckoutPayload> {
    const { userId } = signedIn(context);
    return payload(StartCreditsCheckoutPayload, async () => ({
      url: await this.checkouts.start(userId, input),
    }));
  }
}

const moneyOf = (amount: number | null, currency: string | null): PaidMoney | null =>
  amount === null || currency === null ? null : { amount: moneyText(amount, currency), currency };
