import { badUserInput } from "./errors.ts";

/** A zero byte written as an escape in a string of the operation; its lexer refuses it in every other form. */
const ESCAPED_ZERO = /\\u(?:0000|\{0+\})/;

/**
 * Refuses texts that no store can keep: zero bytes and halves of surrogate pairs.
 * @throws BAD_USER_INPUT naming the variable.
 */
export function checkTexts(operation: string, variables: Record<string, unknown>): void {
  if (ESCAPED_ZERO.test(operation)) throw unusable([]);
  for (const [name, value] of Object.entries(variables)) {
    if (!isUsable(value)) throw unusable([name]);
  }
}

function isUsable(variable: unknown): boolean {
  const open: unknown[] = [variable];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === "string") {
      if (value.includes("\0") || !value.isWellFormed()) return false;
    } else if (typeof value === "object" && value !== null) {
      for (const part of Object.values(value)) open.push(part);
    }
  }
  return true;
}

const unusable = (path: readonly string[]) =>
  badUserInput("A text contains characters that cannot be stored.", path);
