import { Field, InterfaceType, ObjectType } from "type-graphql";

/**
 * Codes of expected refusals. Each domain registers its own before the schema is built.
 * The enum type `ProblemCode` is made of them.
 */
const codes = new Map<string, string>();

/** Adds a domain's codes, with a description each. */
export function registerProblemCodes(descriptions: Readonly<Record<string, string>>): void {
  for (const [code, description] of Object.entries(descriptions)) codes.set(code, description);
}

/** All registered codes with their descriptions. */
export const problemCodes = (): ReadonlyMap<string, string> => codes;

registerProblemCodes({ INVALID_INPUT: "A value of the input cannot be accepted." });

/** An expected refusal. It is data, not an Error: graphql-js treats a returned Error as a fault. */
@InterfaceType({
  description: "Why a mutation was refused. A refusal changes nothing.",
  resolveType: (value: Problem) => value.constructor.name,
})
export abstract class Problem {
  @Field(() => String, { description: "Stable code to decide by; one of ProblemCode." })
  code!: string;

  @Field(() => String, { description: "A sentence that can be shown to the user." })
  message!: string;

  @Field(() => [String], { description: "Where in the input, outermost first; empty when nowhere." })
  path!: string[];
}

/** A problem without further data. */
@ObjectType({ implements: Problem, description: "A refusal that its code says all about." })
export class GenericProblem extends Problem {}

/** @param path Where in the input, such as ["input", "name"]. */
export function problem(code: string, message: string, path: readonly string[] = []): Problem {
  return Object.assign(new GenericProblem(), { code, message, path: [...path] });
}

/** Thrown to refuse: rolls the transaction back, and the resolver answers the problem as data. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
    this.name = "Refused";
  }
}

/** Refuses with a problem. */
export function refuse(refusal: Problem): never {
  throw new Refused(refusal);
}

/** Every payload of a mutation carries the problems that refused it. */
@ObjectType()
export abstract class Payload {
  @Field(() => [Problem], { description: "Why it was refused; empty when it was done." })
  problems!: Problem[];
}

/** Runs a mutation: its result with no problems, or nothing but the problem that refused it. */
export async function payload<P extends Payload>(
  type: new () => P,
  work: () => Promise<Omit<P, "problems">>,
): Promise<P> {
  try {
    return Object.assign(new type(), await work(), { problems: [] });
  } catch (error) {
    if (error instanceof Refused) return Object.assign(new type(), { problems: [error.problem] });
    throw error;
  }
}
