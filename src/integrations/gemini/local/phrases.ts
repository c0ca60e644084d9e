/** Every sentence of the local assistant in one language. */
export interface Phrases {
  readonly hello: string;
  readonly introduction: string;
  readonly abilities: string;
  readonly thanks: string;
  name(name: string): string;
  nameUnknown: string;
  nameNoted(name: string): string;
  first(text: string): string;
  before(text: string): string;
  nothingBefore: string;
  count(questions: number): string;
  list(texts: readonly string[]): string;
  sum(expression: string, result: string): string;
  fallback(topic: string): string;
  summary(texts: readonly string[]): string;
}

const quoted = (texts: readonly string[]): string => texts.map((text) => `“${text}”`).join("; ");

const ENGLISH: Phrases = {
  hello: "Hello! Nice to hear from you.",
  introduction:
    "I am the local assistant: I follow a few fixed rules on this computer, no language model is behind me.",
  abilities:
    "I can greet you, remember your name, tell you what you said before, count, and do small sums.",
  thanks: "You are welcome.",
  name: (name) => `Your name is ${name}: you told me so in this chat.`,
  nameUnknown: "You have not told me your name in this chat.",
  nameNoted: (name) => `Nice to meet you, ${name}. I will remember that in this chat.`,
  first: (text) => `The first thing you wrote was: “${text}”`,
  before: (text) => `Just before this you wrote: “${text}”`,
  nothingBefore: "That was your first message here, there is nothing before it.",
  count: (questions) => `You have written ${questions} messages here, this one included.`,
  list: (texts) => `So far you wrote: ${quoted(texts)}.`,
  sum: (expression, result) => `${expression} = ${result}.`,
  fallback: (topic) =>
    `You wrote about ${topic}. That is beyond my rules, so I would rather say nothing than something wrong.`,
  summary: (texts) => `The user wrote: ${quoted(texts)}.`,
};

const KHMER: Phrases = {
  hello: "សួស្តី! រីករាយដែលបានជួបអ្នក។",
  introduction: "ខ្ញុំជាជំនួយការក្នុងម៉ាស៊ីននេះ៖ ខ្ញុំធ្វើតាមក្បួនតិចតួច គ្មានម៉ូដែលភាសានៅពីក្រោយខ្ញុំទេ។",
  abilities: "ខ្ញុំអាចស្វាគមន៍ ចាំឈ្មោះរបស់អ្នក ប្រាប់អ្វីដែលអ្នកបាននិយាយពីមុន រាប់ និងបូកលេខតូចៗ។",
  thanks: "មិនអីទេ។",
  name: (name) => `អ្នកឈ្មោះ ${name} ដូចដែលអ្នកបានប្រាប់ខ្ញុំ។`,
  nameUnknown: "អ្នកមិនទាន់បានប្រាប់ឈ្មោះរបស់អ្នកទេ។",
  nameNoted: (name) => `រីករាយដែលបានស្គាល់ ${name}។`,
  first: (text) => `សារដំបូងរបស់អ្នកគឺ៖ «${text}»`,
  before: (text) => `មុននេះបន្តិចអ្នកបានសរសេរ៖ «${text}»`,
  nothingBefore: "នេះជាសារដំបូងរបស់អ្នក។",
  count: (questions) => `អ្នកបានសរសេរ ${questions} សារ រាប់ទាំងសារនេះ។`,
  list: (texts) => `អ្នកបានសរសេរ៖ ${texts.map((text) => `«${text}»`).join(" ")}`,
  sum: (expression, result) => `${expression} = ${result}`,
  fallback: (topic) => `អ្នកបានសរសេរអំពី ${topic}។ ខ្ញុំមិនអាចឆ្លើយបានទេ ព្រោះវាលើសពីក្បួនរបស់ខ្ញុំ។`,
  summary: (texts) => `អ្នកប្រើបានសរសេរ៖ ${texts.map((text) => `«${text}»`).join(" ")}`,
};

export const PHRASES: Readonly<Record<"EN" | "KH", Phrases>> = { EN: ENGLISH, KH: KHMER };
