import sharp from "sharp";
import { seedHairstyles } from "../../../src/domains/tryon/index.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import type { TestClient } from "../../support/client.ts";
import { STUB_REPLICATE, type Stubs } from "../../support/stubs/index.ts";
import { portrait, type World } from "../../support/world.ts";

/** What lets a world use the stub in place of Replicate. */
export const replicateEnv = (stubs: Stubs, pollMs = 20): Record<string, string> => ({
  REPLICATE_MODE: "live",
  REPLICATE_BASE_URL: `${stubs.url}/replicate/v1`,
  REPLICATE_API_TOKEN: STUB_REPLICATE.token,
  REPLICATE_WEBHOOK_SECRETS: STUB_REPLICATE.webhookSecret,
  REPLICATE_POLL_MS: String(pollMs),
});

/** Puts the styles of facet on offer; answers how many were new. */
export function openSalon(world: World): Promise<number> {
  const { stores, parts, providers } = world.nodes[0]!;
  const log = createLogger("silent");
  return seedHairstyles({ ...stores, uow: parts.unitOfWork, blobs: providers.blobs, log });
}

/** The id of some style on offer. */
export async function someStyle(person: TestClient): Promise<string> {
  const { hairstyles } = await person.must("{ hairstyles(first: 1) { nodes { id } } }");
  return hairstyles.nodes[0].id as string;
}

/** A person with credits. */
export async function rich(world: World, credits = 10): Promise<TestClient> {
  const person = await world.person();
  const { unitOfWork, wallet } = world.nodes[0]!.parts;
  await unitOfWork.run((tx) =>
    wallet.wallets.credit(tx, {
      userId: person.userId,
      currency: "CREDITS",
      amount: credits,
      kind: "REWARD",
      reference: { type: "TEST", id: person.userId },
      key: `test:${person.userId}`,
    }),
  );
  return person;
}

/** The views of a try-on that came. */
export const succeeded = (state: any): string[] =>
  state.views.filter((one: any) => one.status === "SUCCEEDED").map((one: any) => one.view);

/** Credits of a person: all, and those that are held. */
export async function creditsOf(person: TestClient): Promise<{ balance: number; held: number }> {
  const { viewer } = await person.must("{ viewer { wallets { currency balance held } } }");
  const { balance, held } = viewer.wallets.find((one: any) => one.currency === "CREDITS");
  return { balance, held };
}

let small: Promise<Uint8Array> | null = null;
/** Uploads a picture to try styles on; a plain one where nobody looks for a face in it. */
export async function uploadFor(world: World, person: TestClient): Promise<string> {
  small ??= sharp(portrait()).resize(64).jpeg().toBuffer();
  return world.upload(person, await small, "image/jpeg", "TRY_ON_SOURCE");
}

export const CREATE = /* GraphQL */ `
  mutation ($input: CreateHairTryOnInput!) {
    createHairTryOn(input: $input) {
      hairTryOn {
        id
        status
        creditsHeld
        creditsSpent
        views {
          view
          status
        }
      }
      problems {
        code
        path
        ... on NotEnoughCredits {
          needed
          available
        }
      }
    }
  }
`;

export const TRY_ON = /* GraphQL */ `
  query ($id: ID!) {
    hairTryOn(id: $id) {
      id
      status
      imageUrl
      preview
      isFavourite
      creditsHeld
      creditsSpent
      failure {
        code
      }
      hairstyle {
        id
        name
      }
      views {
        view
        status
        imageUrl
        failure {
          code
          canRetry
        }
      }
    }
  }
`;

export const WATCH = /* GraphQL */ `
  subscription ($id: ID!) {
    jobChanged(id: $id) {
      job {
        id
        status
        stage
        version
        failure {
          code
        }
        ... on HairTryOn {
          creditsHeld
          creditsSpent
          views {
            view
            status
          }
        }
      }
    }
  }
`;

/** Asks for a try-on of everything that is not given. */
export async function create(
  world: World,
  person: TestClient,
  input: Record<string, unknown> = {},
): Promise<any> {
  const needsUpload = !("uploadId" in input) && !("inputImageUrl" in input);
  const source = needsUpload ? { uploadId: await uploadFor(world, person) } : {};
  const hairstyleId = input["hairstyleId"] ?? (await someStyle(person));
  const all = { ...source, views: ["FRONT", "BACK"], ...input, hairstyleId };
  return (await person.must(CREATE, { input: all })).createHairTryOn;
}

/** The try-on as its owner sees it. */
export const tryOn = async (person: TestClient, id: string): Promise<any> =>
  (await person.must(TRY_ON, { id })).hairTryOn;

/** Watches a try-on to its end and returns every state that was pushed. */
export async function watched(person: TestClient, id: string): Promise<any[]> {
  const seen: any[] = [];
  for await (const frame of person.watch(WATCH, { id })) {
    if (frame.errors) throw new Error(JSON.stringify(frame.errors));
    seen.push(frame.data.jobChanged.job);
  }
  return seen;
}
