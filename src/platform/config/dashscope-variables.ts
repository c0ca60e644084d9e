import { z } from "zod";
import { integer, mode, optionalText } from "./variable-forms.ts";

/** The environment variables of the sticker maker. */
export const dashScopeVariables = {
  DASHSCOPE_MODE: mode().describe("emoji stickers: drawn here, or by Aliyun DashScope"),
  DASHSCOPE_BASE_URL: z
    .url()
    .default("https://dashscope.aliyuncs.com/api/v1")
    .describe("base URL of DashScope"),
  DASHSCOPE_API_KEY: optionalText().describe("API key of DashScope, of the region Beijing"),
  DASHSCOPE_POLL_MS: integer(15_000, 10, 60_000).describe(
    "how often to ask for a sticker that is being made",
  ),
};
