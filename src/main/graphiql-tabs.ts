import { readFileSync } from "node:fs";
import type { GraphiQLTab } from "../platform/graphiql/graphiql-routes.ts";

const OPERATIONS = new URL("../../schema/operations/mobile/", import.meta.url);

// GraphiQL shows no variables in the tab that it opens with: the first operation must do without.
const WELCOME = `# The way of a selfie, tab by tab. Run LoginWithDevice,
# then write the access token into "Headers" below:
#   { "authorization": "Bearer <accessToken>" }

`;

/** The way of a selfie through the schema, one stored operation per tab. */
const TABS: readonly { operation: string; variables?: object; comment?: string }[] = [
  { operation: "Products", comment: WELCOME },
  {
    operation: "LoginWithDevice",
    variables: {
      input: {
        deviceId: "graphiql-device",
        deviceSecret: "graphiql-device-secret",
        platform: "WEB",
      },
    },
  },
  {
    operation: "CreateUpload",
    variables: { input: { purpose: "SELFIE", contentType: "image/jpeg", byteSize: 250_000 } },
  },
  { operation: "AnalyzeSkin", variables: { input: { uploadId: "", focus: "GENERAL" } } },
  { operation: "WatchSkinAnalysis", variables: { id: "" } },
  { operation: "ViewerEvents", variables: { after: 0 } },
  { operation: "SkinAnalyses", variables: { first: 5 } },
];

/** What GraphiQL opens with. */
export const graphiqlTabs = (): GraphiQLTab[] =>
  TABS.map(({ operation, variables, comment }) => ({
    query: (comment ?? "") + readFileSync(new URL(`${operation}.graphql`, OPERATIONS), "utf8"),
    ...(variables ? { variables: JSON.stringify(variables, null, 2) } : {}),
  }));
