import type { Language } from "../../../platform/graphql/context.ts";

/** What users call the kinds of jobs. */
const NAMES: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  SKIN_ANALYSIS: { EN: "skin analysis", KH: "ការវិភាគស្បែក" },
  EMOJI_TASK: { EN: "emoji", KH: "រូបអារម្មណ៍" },
  HAIR_TRY_ON: { EN: "hair try-on", KH: "ការសាកល្បងម៉ូដសក់" },
  CHAT_REPLY: { EN: "reply", KH: "ចម្លើយ" },
  GOAL_PLAN: { EN: "goal plan", KH: "ផែនការគោលដៅ" },
  ROUTINE_PLAN: { EN: "routine", KH: "ទម្លាប់ថែទាំស្បែក" },
  DATA_EXPORT: { EN: "data export", KH: "ការនាំចេញទិន្នន័យ" },
};
const OTHER: Readonly<Record<Language, string>> = { EN: "task", KH: "កិច្ចការ" };

/** What users call jobs of a kind, to be put into a sentence. */
export const jobNameOf = (kind: string, language: Language): string =>
  (NAMES[kind] ?? OTHER)[language];

/** Jobs that people read along: who does sees the end where they are, and needs no note of it. */
export const isReadAlong = (kind: string): boolean => kind === "CHAT_REPLY";

/** Jobs whose end is no news: their users are gone by then, or never asked for them. */
export const isSilentJob = (kind: string): boolean =>
  kind === "ACCOUNT_DELETION" || kind === "MODEL_TRAINING";
