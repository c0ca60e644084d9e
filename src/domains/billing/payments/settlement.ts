/**
 * How much money of a payment a refund gives back, and how much of what it granted is to be taken back for that:
 * the part that the money given back so far is of the whole, rounded down, less what was taken back before. When
 * all money is back, nothing stays. The sums after several refunds do not depend on their order.
 * @param asked money in the smallest unit; null: all that is left
 */
export function settlementOf(
  payment: {
    readonly amount: number;
    /** Null when the store did not tell the price: every refund is one of all of it. */
    readonly moneyAmount: number | null;
    readonly refundedAmount: number;
    readonly undone: number;
  },
  asked: number | null,
): { readonly money: number; readonly share: number } {
  const { amount, moneyAmount, refundedAmount, undone } = payment;
  if (moneyAmount === null) return { money: asked ?? 0, share: amount - undone };
  const left = moneyAmount - refundedAmount;
  const money = Math.min(asked ?? left, left);
  const refunded = refundedAmount + money;
  const target =
    refunded >= moneyAmount
      ? amount
      : Number((BigInt(amount) * BigInt(refunded)) / BigInt(moneyAmount));
  return { money, share: target - undone };
}
