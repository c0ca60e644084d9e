import { z } from "zod";

/** The environment variables of the sticker maker. */
export const dashScopeVariables = {
  DASHSCOPE_MODE: z
    .enum(["local", "live"])
    .default("local")
    .describe("emoji stickers: drawn here, or by Aliyun DashScope"),
  DASHSCOPE_BASE_URL: z
    .url()
    .default("https://dashscope.aliyuncs.com/api/v1")
    .describe("base URL of DashScope"),
  DASHSCOPE_API_KEY: z
    .string()
    .trim()
    .transform((value) => (value === "" ? undefined : value))
    .optional()
    .describe("API key of DashScope, of the region Beijing"),
  DASHSCOPE_POLL_MS: z.coerce
    .number()
    .int()
    .min(10)
    .max(60_000)
    .default(15_000)
    .describe("how often to ask for a sticker that is being made"),
};
