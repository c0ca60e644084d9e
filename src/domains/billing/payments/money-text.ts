/**
 * Money in the smallest unit of its currency as decimal text, with as many decimals as the currency has
 * (ISO 4217, as the runtime's locale data knows it): 499 USD is "4.99", 499 JPY is "499".
 */
export function moneyText(amount: number, currency: string): string {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  const decimals = format.resolvedOptions().maximumFractionDigits ?? 2;
  const digits = String(amount).padStart(decimals + 1, "0");
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
