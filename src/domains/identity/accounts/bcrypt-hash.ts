/**
 * The most expensive bcrypt hash that is checked, about a third of a second of work. Each step more doubles it: at 31, one
 * sign-in would compute for days.
 */
export const MAX_BCRYPT_COST = 12;

const BCRYPT = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

/** The cost of a bcrypt hash ($2a$, $2b$ or $2y$), as older systems made them; null when the text is none. */
export function bcryptCost(hash: string): number | null {
  const cost = BCRYPT.exec(hash)?.[1];
  return cost === undefined ? null : Number(cost);
}
