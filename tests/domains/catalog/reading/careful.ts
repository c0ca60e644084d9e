import { expect } from "@jest/globals";
import type { Answer, TestClient } from "../../../support/client.ts";

/** More than any answer about a small shop takes, also on a machine that does other things. */
const SLOW_MS = 3_000;
/** What only a developer may see: frames of a stack, SQL, files, drivers. */
const INTERNAL =
  /\n\s+at |node_modules|node:internal|\.ts:\d|\bselect\b.*\bfrom\b|relation "|syntax error at or near|ECONN|invalid (input|byte)|INTERNAL_SERVER_ERROR|tsquery|catalog\./i;

/** Sends, and checks what holds for every answer: quick, no fault, nothing internal. */
export async function carefully(
  person: TestClient,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Answer> {
  const startMs = performance.now();
  const answer = await person.send(query, variables);
  const text = JSON.stringify([answer.data, answer.errors]);
  expect({ query, variables, slow: performance.now() - startMs > SLOW_MS }).toMatchObject({
    slow: false,
  });
  expect(answer.status).toBeLessThan(500);
  expect(text).not.toMatch(INTERNAL);
  for (const error of answer.errors ?? []) expect(error.extensions.requestId).toBeDefined();
  return answer;
}

/** The code of the first error, and the input that it names. */
export const refusal = ({ errors }: Answer) => ({
  code: errors?.[0]?.extensions.code as unknown,
  fields: (errors?.[0]?.extensions.fields as { path: string[] }[] | undefined)?.[0]?.path?.join(
    ".",
  ),
});
