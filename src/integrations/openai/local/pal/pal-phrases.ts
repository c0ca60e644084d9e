/** What the rule-based Pal can say besides names of metrics and advice. */
export interface PalPhrases {
  introduction: string;
  abilities: string;
  hello: string;
  thanks: string;
  noAnalysis: string;
  overallName: string;
  overview(date: string, score: number): string;
  unscored(date: string): string;
  metric(name: string, score: number, date: string): string;
  notMeasured(name: string): string;
  better(name: string, from: number, to: number): string;
  worse(name: string, from: number, to: number): string;
  same(name: string, score: number): string;
  sinceDate(date: string): string;
  nothingChanged: string;
  onlyOne: string;
  concerns(list: string): string;
  noConcerns: string;
  goal(title: string, value: number, target: number, deadline: string): string;
  noGoals: string;
  goals(count: number): string;
  recommended(list: string): string;
  avoid(list: string): string;
  advice(list: string): string;
  summary(texts: readonly string[]): string;
}

const ENGLISH: PalPhrases = {
  introduction:
    "I am the local Pal: I follow a few fixed rules on this computer and read your own numbers, no language model is behind me.",
  abilities:
    "Ask me about one of your metrics, what changed, what to work on, ingredients, what to do, or your goals.",
  hello: "Hello!",
  thanks: "You are welcome.",
  noAnalysis:
    "I do not know anything about your skin yet, because there is no analysis of yours. Take a selfie and have it analysed, then ask me again.",
  overallName: "overall skin health",
  overview: (date, score) =>
    `In your analysis of ${date} your skin scored ${score} of 100 overall.`,
  unscored: (date) => `Your analysis of ${date} has no overall score.`,
  metric: (name, score, date) => `Your ${name} was at ${score} of 100 on ${date}; 100 is best.`,
  notMeasured: (name) => `Your newest analysis could not measure ${name}.`,
  better: (name, from, to) => `${name} rose from ${from} to ${to}.`,
  worse: (name, from, to) =>
    `${name} fell from ${from} to ${to}; one picture can differ by light alone.`,
  same: (name, score) => `${name} stayed at ${score}.`,
  sinceDate: (date) => `Since your analysis of ${date}:`,
  nothingChanged: "Nothing changed by a point or more.",
  onlyOne:
    "There is only one analysis so far, so I cannot say what changed. Make another one in a week or two.",
  concerns: (list) => `Found in the picture: ${list}.`,
  noConcerns: "The picture showed no particular concern.",
  goal: (title, value, target, deadline) =>
    `“${title}”: you are at ${value}, the goal is ${target} by ${deadline}.`,
  noGoals: "You have no open goal. You can have some suggested from an analysis.",
  goals: (count) => (count === 1 ? "You have one open goal." : `You have ${count} open goals.`),
  recommended: (list) => `Ingredients that suit you now: ${list}.`,
  avoid: (list) => `Better avoid: ${list}.`,
  advice: (list) => `What you can do: ${list}`,
  summary: (texts) => `The user asked: ${texts.map((text) => `“${text}”`).join("; ")}.`,
};

const KHMER: PalPhrases = {
  introduction: "ខ្ញុំជា Pal ក្នុងម៉ាស៊ីននេះ៖ ខ្ញុំធ្វើតាមក្បួនតិចតួច និងអានពិន្ទុរបស់អ្នក គ្មានម៉ូដែលភាសានៅពីក្រោយខ្ញុំទេ។",
  abilities: "សូមសួរអំពីពិន្ទុស្បែក អ្វីដែលប្រែប្រួល គ្រឿងផ្សំ អ្វីដែលគួរធ្វើ ឬគោលដៅរបស់អ្នក។",
  hello: "សួស្តី!",
  thanks: "មិនអីទេ។",
  noAnalysis: "ខ្ញុំមិនទាន់ដឹងអ្វីអំពីស្បែករបស់អ្នកទេ ព្រោះមិនទាន់មានការវិភាគ។ សូមថតរូបមុខ ហើយវិភាគជាមុនសិន រួចសួរខ្ញុំម្តងទៀត។",
  overallName: "សុខភាពស្បែករួម",
  overview: (date, score) => `ក្នុងការវិភាគថ្ងៃ ${date} ស្បែករបស់អ្នកបាន ${score} ក្នុងចំណោម 100។`,
  unscored: (date) => `ការវិភាគថ្ងៃ ${date} គ្មានពិន្ទុរួមទេ។`,
  metric: (name, score, date) => `${name}៖ ${score} ក្នុងចំណោម 100 នៅថ្ងៃ ${date} (100 ល្អបំផុត)។`,
  notMeasured: (name) => `ការវិភាគថ្មីបំផុតមិនអាចវាស់ ${name} បានទេ។`,
  better: (name, from, to) => `${name} កើនពី ${from} ដល់ ${to}។`,
  worse: (name, from, to) => `${name} ថយពី ${from} មក ${to} ពន្លឺក្នុងរូបថតអាចធ្វើឱ្យខុសគ្នា។`,
  same: (name, score) => `${name} នៅដដែល ${score}។`,
  sinceDate: (date) => `តាំងពីការវិភាគថ្ងៃ ${date}៖`,
  nothingChanged: "គ្មានអ្វីប្រែប្រួលគួរឱ្យកត់សម្គាល់ទេ។",
  onlyOne: "មានការវិភាគតែមួយប៉ុណ្ណោះ ខ្ញុំមិនទាន់អាចប្រៀបធៀបបានទេ។",
  concerns: (list) => `បញ្ហាដែលឃើញក្នុងរូប៖ ${list}។`,
  noConcerns: "រូបថតមិនបង្ហាញបញ្ហាអ្វីទេ។",
  goal: (title, value, target, deadline) =>
    `«${title}»៖ ឥឡូវ ${value} គោលដៅ ${target} ត្រឹមថ្ងៃ ${deadline}។`,
  noGoals: "អ្នកមិនទាន់មានគោលដៅទេ។",
  goals: (count) => `អ្នកមានគោលដៅ ${count}។`,
  recommended: (list) => `គ្រឿងផ្សំដែលសមនឹងអ្នក៖ ${list}។`,
  avoid: (list) => `គួរជៀសវាង៖ ${list}។`,
  advice: (list) => `អ្វីដែលអ្នកអាចធ្វើ៖ ${list}`,
  summary: (texts) => `អ្នកប្រើបានសួរ៖ ${texts.map((text) => `«${text}»`).join(" ")}។`,
};

export const PAL_PHRASES: Readonly<Record<"EN" | "KH", PalPhrases>> = { EN: ENGLISH, KH: KHMER };
