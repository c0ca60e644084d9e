import { Args, Authorized, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import {
  connectionOf,
  PageArgs,
  pageRequest,
  type Connection,
} from "../../../platform/graphql/connection.ts";
import type { Context } from "../../../platform/graphql/context.ts";
import type { Payment, PaymentRefund, PaymentService } from "../../billing/index.ts";
import type { User } from "../../identity/index.ts";
import { AdminCustomer, AdminDebt, AdminDebtConnection } from "./debt.types.ts";
import { PaymentType } from "../../billing/index.ts";

const NEWEST_FIRST = "admin.debts.newest";

@Resolver(() => AdminDebt)
export class AdminDebtResolver {
  constructor(private readonly payments: Pick<PaymentService, "debts">) {}

  @FieldResolver(() => PaymentType, { nullable: true })
  payment(@Root() refund: PaymentRefund, @Ctx() { loaders }: Context): Promise<Payment | null> {
    return loaders.payment.load(refund.paymentId);
  }

  @FieldResolver(() => AdminCustomer, { nullable: true })
  async customer(@Root() refund: PaymentRefund, @Ctx() { loaders }: Context): Promise<User | null> {
    const payment = await loaders.payment.load(refund.paymentId);
    return payment && loaders.user.load(payment.userId);
  }

  @Authorized("ADMIN")
  @Query(() => AdminDebtConnection, {
    description: "Refunds of what had been spent already, newest first.",
  })
  async adminDebts(@Args(() => PageArgs) args: PageArgs): Promise<Connection<PaymentRefund>> {
    const page = pageRequest(args, NEWEST_FIRST);
    const rows = await this.payments.debts(page);
    return connectionOf(rows, page, NEWEST_FIRST, (refund) => [refund.id]);
  }
}
