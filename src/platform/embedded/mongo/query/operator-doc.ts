import { badValue } from "../fault.ts";
import { isDoc, type Doc, type Value } from "../values/value.ts";

/** Whether a condition is made of operators, as {$gt: 1}, and not a document to be equal to. */
export function isOperatorDoc(value: Value): value is Doc {
  if (!isDoc(value)) return false;
  const fields = Object.keys(value);
  if (fields[0]?.startsWith("$") !== true) return false;
  const plain = fields.find((field) => !field.startsWith("$"));
  if (plain !== undefined) throw badValue(`unknown operator: ${plain}`);
  return true;
}
