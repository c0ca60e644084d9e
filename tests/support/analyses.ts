import { portrait, type World } from "./world.ts";
import type { TestClient } from "./client.ts";

export const ANALYZE = /* GraphQL */ `
  mutation AnalyzeSkin($input: AnalyzeSkinInput!) {
    analyzeSkin(input: $input) {
      skinAnalysis {
        id
        status
        version
      }
      problems {
        code
        message
        path
        ... on QuotaExceeded {
          limitName
          limit
          used
          resetsAt
        }
      }
    }
  }
`;

export const WATCH = /* GraphQL */ `
  subscription Watch($id: ID!, $afterVersion: Int) {
    jobChanged(id: $id, afterVersion: $afterVersion) {
      job {
        __typename
        id
        status
        stage
        progress
        version
        failure {
          code
          message
          canRetry
        }
      }
    }
  }
`;

/** A job as the subscription above shows it. */
export interface SeenJob {
  __typename: string;
  id: string;
  status: string;
  stage: string | null;
  progress: number;
  version: number;
  failure: { code: string; message: string; canRetry: boolean } | null;
}

/** Watches a job to its end and returns everything that was seen. */
export async function watchToEnd(person: TestClient, id: string): Promise<SeenJob[]> {
  const seen: SeenJob[] = [];
  for await (const frame of person.watch(WATCH, { id })) {
    if (frame.errors) throw new Error(JSON.stringify(frame.errors));
    seen.push(frame.data.jobChanged.job as SeenJob);
  }
  return seen;
}

/** Uploads the portrait, starts an analysis and returns its id. */
export async function startAnalysis(
  world: World,
  person: TestClient,
  input: Record<string, unknown> = {},
): Promise<string> {
  const uploadId = await world.upload(person, portrait());
  const { analyzeSkin } = await person.must(ANALYZE, { input: { uploadId, ...input } });
  if (analyzeSkin.problems.length > 0) throw new Error(JSON.stringify(analyzeSkin.problems));
  return analyzeSkin.skinAnalysis.id as string;
}
