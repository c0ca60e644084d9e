export { createTryOnModule } from "./tryon.module.ts";
export type { HairStylist, StylistWebhooks } from "./tryon.ports.ts";
export { seedHairstyles } from "./hairstyles/hairstyle.seeding.ts";
export { hairstyleConnection, hairstylePageRequest } from "./hairstyles/hairstyle.paging.ts";
export type { HairstyleRow } from "./hairstyles/hairstyle.repository.ts";
export type { HairstyleDraft, HairstyleService } from "./hairstyles/hairstyle.service.ts";
export { Hairstyle, HairstyleConnection, HairstylesArgs } from "./hairstyles/hairstyle.types.ts";
export { HairstyleCategories, type HairstyleCategory } from "./hairstyles/hairstyle.vocabulary.ts";
