import { Kind, type FieldNode } from "graphql";
import type { Needs } from "../../platform/graphql/selected-fields.ts";

/**
 * What a text in two languages needs: its group, and the group of the Khmer texts unless the field asks for English or the
 * viewer's language.
 */
export const textNeeds =
  (group: number, khmer: number): Needs =>
  (field: FieldNode) => {
    const language = field.arguments?.find(({ name }) => name.value === "language")?.value;
    const isPlain =
      language === undefined ||
      language.kind === Kind.NULL ||
      (language.kind === Kind.ENUM && language.value === "EN");
    return isPlain ? group : group | khmer;
  };
