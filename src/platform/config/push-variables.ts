import { z } from "zod";
import { optionalText } from "./variable-forms.ts";

/** The environment variables of pushes to devices. */
export const pushVariables = {
  PUSH_MODE: z
    .enum(["local", "live", "off"])
    .default("local")
    .describe("pushes to devices: files in DATA_DIR/push (not in production), FCM, or none"),
  FCM_SERVICE_ACCOUNT: optionalText().describe(
    "key file of FCM's service account: its path, or its JSON",
  ),
  FCM_BASE_URL: z.url().default("https://fcm.googleapis.com").describe("base URL of FCM"),
};
