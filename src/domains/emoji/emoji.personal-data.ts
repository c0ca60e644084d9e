import type { PersonalData } from "../../platform/module.ts";
import { emojiInputSchema } from "./emoji.input.ts";
import type { EmojiRepository } from "./emoji.repository.ts";

/** How emoji tasks are handed over. They follow their jobs to another account, and go with them. */
export const createEmojiPersonalData = (repository: EmojiRepository): PersonalData => ({
  name: "emojiTasks",
  tables: [],
  export: async (userId) => {
    const tasks = await repository.askedBy(userId);
    return tasks.map(({ input, ...task }) => {
      const { template, points } = emojiInputSchema.parse(input);
      return { ...task, template, points };
    });
  },
  merge: () => Promise.resolve({}),
  erase: () => Promise.resolve(),
});
