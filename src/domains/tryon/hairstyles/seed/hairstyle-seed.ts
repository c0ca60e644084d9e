import { readFileSync } from "node:fs";
import { z } from "zod";
import { HairstyleCategories } from "../hairstyle.vocabulary.ts";

const seedSchema = z.array(
  z.strictObject({
    seedName: z.string().regex(/^[a-z][a-z-]*$/),
    nameEn: z.string().min(1),
    nameKh: z.string().min(1),
    descriptionEn: z.string().min(1),
    descriptionKh: z.string().min(1),
    prompt: z.string().min(1),
    category: z.enum(HairstyleCategories),
    color: z.string().regex(/^#[0-9a-f]{6}$/),
    hasFringe: z.boolean(),
  }),
);

/** The styles that come with facet, in shop order. */
export function loadHairstyleSeed(): z.infer<typeof seedSchema> {
  const text = readFileSync(new URL("./hairstyles.json", import.meta.url), "utf8");
  return seedSchema.parse(JSON.parse(text));
}
