import { z } from "zod";
import { optionalText } from "./variable-forms.ts";

/** The environment variables of the document of plans, prices and packages. */
export const nacosVariables = {
  NACOS_MODE: z
    .enum(["off", "live"])
    .default("off")
    .describe("plans, prices and packages: those that come with facet, or a document in Nacos"),
  NACOS_SERVER_ADDRESS: optionalText().describe("host:port or URL of the Nacos server"),
  NACOS_NAMESPACE: z.string().default("public").describe("id of the namespace"),
  NACOS_GROUP: z.string().default("DEFAULT_GROUP").describe("group of the document"),
  NACOS_DATA_ID: z.string().default("facet.json").describe("data id of the document"),
  NACOS_USERNAME: optionalText().describe("user; empty for a server without sign-in"),
  NACOS_PASSWORD: optionalText().describe("password of that user"),
  NACOS_DIALECT: z
    .enum(["v1", "v3"])
    .default("v3")
    .describe("HTTP API: v1 up to Nacos 3.1, with long polls; v3 from Nacos 3.0 on"),
};
