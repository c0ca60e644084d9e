import { problem, refuse } from "../../../platform/graphql/problems.ts";

const MAX_LENGTH = 100;

/**
 * A name without surrounding space; refused when it is too long or holds control characters.
 * @param path Where in the input it stands.
 */
export function checkedName(text: string, path: readonly string[]): string {
  const name = text.trim();
  if ([...name].length > MAX_LENGTH || /\p{Cc}/u.test(name)) {
    refuse(problem("INVALID_INPUT", `A name has at most ${MAX_LENGTH} plain characters.`, path));
  }
  return name;
}
