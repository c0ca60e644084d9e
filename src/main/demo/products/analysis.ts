import { randomUUID } from "node:crypto";
import {
  AnalyzeSkinDocument,
  ProductsDocument,
  WatchSkinAnalysisDocument,
} from "../../../client/generated/graphql.ts";
import { DemoFailed } from "../demo-failed.ts";
import { done, follow, upload, type DemoUser } from "../demo-user.ts";
import { report, type WatchedAnalysis } from "../report.ts";

const STAGES = {
  VALIDATING: "Checking the picture",
  ANALYZING: "Measuring the skin",
  FEEDBACK: "Writing advice",
  RECOMMENDING: "Choosing products",
  SAVING: "Saving",
};
const CATALOGUE_LIMIT_MS = 60_000;

/** Analyses the photo and prints what was found. */
export async function showAnalysis(user: DemoUser): Promise<void> {
  const started = performance.now();
  const analysis = await analyze(user);
  const seconds = (performance.now() - started) / 1000;
  for (const line of report(analysis, user.terminal)) user.terminal.line(line);
  user.terminal.line(user.terminal.faint(`Analysis ${analysis.id}, ${seconds.toFixed(1)} s.`));
}

/** Analyses the photo. */
export async function analyze(user: DemoUser): Promise<WatchedAnalysis> {
  await untilCatalogue(user);
  const uploadId = await upload(user, "SELFIE");
  const { data } = await user.client.apollo.mutate({
    mutation: AnalyzeSkinDocument,
    variables: { input: { uploadId, focus: "GENERAL", idempotencyKey: randomUUID() } },
  });
  const { id } = done(data?.analyzeSkin, (payload) => payload.skinAnalysis);
  const job = await follow(user, WatchSkinAnalysisDocument, id, STAGES);
  if (job.__typename !== "SkinAnalysis") throw new DemoFailed("The analysis is gone.");
  return job;
}

/** On the very first start the catalogue is still coming in. */
async function untilCatalogue({ client, terminal }: DemoUser): Promise<void> {
  const until = Date.now() + CATALOGUE_LIMIT_MS;
  for (let told = false; Date.now() < until; told = true) {
    const { data } = await client.apollo.query({
      query: ProductsDocument,
      variables: { first: 1 },
      fetchPolicy: "no-cache",
    });
    if ((data?.products.nodes.length ?? 0) > 0) return;
    if (!told) terminal.line("Waiting for the catalogue …");
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
