// type-graphql refuses to run without it, although every type here is explicit.
import "reflect-metadata";
import { Field, InterfaceType, ObjectType, registerEnumType } from "type-graphql";

/** Codes of expected refusals. Each domain registers its own; the enum type `ProblemCode` is made of them. */
const codes = new Map<string, string>();

/** Adds a domain's codes, with a description each. */
export function registerProblemCodes(descriptions: Readonly<Record<string, string>>): void {
  for (const [code, description] of Object.entries(descriptions)) codes.set(code, description);
}

const ProblemCode: Record<string, string> = {};
const codeDescriptions: Record<string, { description: string }> = {};
registerEnumType(ProblemCode, {
  name: "ProblemCode",
  description: "Stable codes of expected refusals.",
  valuesConfig: codeDescriptions,
});

/** Completes the enum `ProblemCode`; called once all domains are loaded, before the schema is built. */
export function fillProblemCodes(): void {
  for (const [code, description] of [...codes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    ProblemCode[code] = code;
    codeDescriptions[code] = { description };
  }
}

registerProblemCodes({ INVALID_INPUT: "A value of the input cannot be accepted." });

/** An expected refusal. It is data, not an Error: graphql-js treats a returned Error as a fault. */
@InterfaceType({
  description: "Why a mutation was refused. A refusal changes nothing.",
  resolveType: (value: Problem) => value.constructor.name,
})
export abstract class Problem {
  @Field(() => ProblemCode, { description: "Stable code to decide by." })
  code!: string;

  @Field(() => String, { description: "A sentence that can be shown to the user." })
  message!: string;

  @Field(() => [String], {
    description: "Where in the input, outermost first; empty when nowhere.",
  })
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
