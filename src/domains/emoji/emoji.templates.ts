import type { Language } from "../../platform/graphql/context.ts";

/** A way for the sticker to move. */
export interface EmojiTemplate {
  readonly id: string;
  /** Stable; part of the id. */
  readonly name: string;
  /** What the sticker maker calls the movement. */
  readonly motion: string;
  readonly group: EmojiGroup;
  readonly title: Readonly<Record<Language, string>>;
}

/** What stickers are for. */
export const EmojiGroups = { CUTE: "CUTE", WORK: "WORK", CLASSIC: "CLASSIC" } as const;
export type EmojiGroup = keyof typeof EmojiGroups;

const inGroup =
  (group: EmojiGroup, prefix: string) =>
  (name: string, motion: string, EN: string, KH: string): EmojiTemplate => ({
    id: `emt_${name}`,
    name,
    motion: `${prefix}_${motion}`,
    group,
    title: { EN, KH },
  });
const cute = inGroup("CUTE", "mengwa");
const work = inGroup("WORK", "dagong");
const classic = inGroup("CLASSIC", "jingdian");

/** All templates in the order of the app. The movements are those of DashScope's model emoji-v1. */
export const EMOJI_TEMPLATES: readonly EmojiTemplate[] = [
  cute("happy", "kaixin", "Jump for joy", "លោតដោយអំណរ"),
  cute("surprised", "dengyan", "Big eyes", "ភ្នែកធំៗ"),
  cute("moved", "gandong", "So touched", "រំភើបចិត្ត"),
  cute("earnest", "renzhen_1", "All serious", "ម៉ឺងម៉ាត់"),
  cute("excited", "jidong", "Cannot wait", "រំភើបណាស់"),
  cute("sleepy", "kun_1", "Nodding off", "ងងុយគេង"),
  cute("sly", "jiaoxie", "Little trick", "កលល្បិច"),
  work("weekend", "kaixin", "It is Friday", "ថ្ងៃសុក្រហើយ"),
  work("admiring", "yangwang", "Looking up to you", "សរសើរអ្នក"),
  work("puzzled", "kunhuo", "What was that?", "នេះជាអ្វី?"),
  work("frantic", "zhuakuang", "Too much to do", "ការងារច្រើនពេក"),
  work("helpless", "wunai", "Oh well", "មិនអីទេ"),
  work("polite", "weixiao", "Polite smile", "ញញឹមគួរសម"),
  work("awkward", "ganji", "Well, this is awkward", "អៀនណាស់"),
  classic("playful", "tiaopi", "Just teasing", "លេងសើច"),
  classic("proud", "deyi_1", "Told you so", "មោទនភាព"),
  classic("hopeful", "qidai", "Fingers crossed", "សង្ឃឹម"),
  classic("lazy", "landuo_1", "Not today", "ខ្ជិលណាស់"),
  classic("unimpressed", "xianqi", "Not impressed", "មិនចាប់អារម្មណ៍"),
  classic("tears", "lei", "Tears of joy", "ទឹកភ្នែកអំណរ"),
];

const byName = new Map(EMOJI_TEMPLATES.map((template) => [template.name, template]));

/** The template with this id, undefined when there is none. */
export const templateById = (id: string): EmojiTemplate | undefined =>
  id.startsWith("emt_") ? byName.get(id.slice(4)) : undefined;

/** The template with this name. @throws Error when there is none */
export function templateByName(name: string): EmojiTemplate {
  const template = byName.get(name);
  if (!template) throw new Error(`There is no emoji template ${name}.`);
  return template;
}
