import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { ViewerEvent } from "../../../platform/events/feed.types.ts";
import { connectionTypes } from "../../../platform/graphql/connection.ts";
import { Node } from "../../../platform/graphql/node.ts";
import { Payload, registerProblemCodes } from "../../../platform/graphql/problems.ts";
import { WalletCurrencies, type WalletCurrency } from "../../wallet/index.ts";
import {
  PaymentStatuses,
  RefundReasons,
  type PaymentStatus,
  type RefundReason,
} from "./payment.vocabulary.ts";

registerProblemCodes({ UNKNOWN_PACKAGE: "There is no such package, or it is not sold any more." });

@ObjectType({ description: "Money that was paid or given back." })
export class PaidMoney {
  @Field(() => String, {
    description: 'Decimal text with as many decimals as the currency has, such as "12.50".',
  })
  amount!: string;

  @Field(() => String, { description: "ISO 4217 code." })
  currency!: string;
}

@ObjectType("Payment", {
  implements: Node,
  description: "A package of points or credits that the user bought, or tried to buy.",
})
export class PaymentType extends Node {
  @Field(() => PaymentStatuses, { description: "How far it is." })
  status!: PaymentStatus;

  @Field(() => String, { description: "Name of the package, the same in every language." })
  packageName!: string;

  @Field(() => WalletCurrencies, { description: "What the package holds." })
  currency!: WalletCurrency;

  @Field(() => Int, { description: "How much of it." })
  amount!: number;

  @Field(() => Boolean, { description: "Whether it was a test purchase, without real money." })
  sandbox!: boolean;

  @Field(() => GraphQLDateTime, { description: "When it was first heard of." })
  createdAt!: Date;

  @Field(() => Int, { description: "Rises with each change; the larger one is the newer one." })
  version!: number;
}

@ObjectType("PaymentRefund", { description: "Money of a payment that went back to the buyer." })
export class PaymentRefundType {
  @Field(() => ID, { description: "Opaque." })
  id!: string;

  @Field(() => RefundReasons, { description: "Why." })
  reason!: RefundReason;

  @Field(() => Int, { description: "Points or credits that were taken back for it." })
  takenBack!: number;

  @Field(() => GraphQLDateTime, { description: "When it was first heard of." })
  createdAt!: Date;
}

const connection = connectionTypes<PaymentType>("Payment", () => PaymentType);
export const PaymentConnection = connection.connection;

@ObjectType({ implements: ViewerEvent, description: "One of the user's payments changed." })
export class PaymentEvent extends ViewerEvent {
  @Field(() => PaymentType, { nullable: true, description: "The payment as it is now." })
  payment!: PaymentType | null;
}

@InputType({ description: "Which credits to buy." })
export class StartCreditsCheckoutInput {
  @Field(() => String, { description: "Name of the package, as `appConfig` tells it." })
  package!: string;

  @Field(() => String, {
    description: "Where the store leads after paying: a page of ours, or a link into the app.",
  })
  returnUrl!: string;

  @Field(() => String, { description: "Where the store leads when the user gives up; as above." })
  cancelUrl!: string;

  @Field(() => String, {
    description: "The same key again answers the same page; 1–128 characters.",
  })
  idempotencyKey!: string;
}

@ObjectType({ description: "The outcome of `startCreditsCheckout`." })
export class StartCreditsCheckoutPayload extends Payload {
  @Field(() => String, { nullable: true, description: "The page where the credits are paid." })
  url?: string | null;
}
