import { randomUUID } from "node:crypto";
import {
  CreateHairTryOnDocument,
  HairstylesDocument,
  WatchHairTryOnDocument,
  type HairView,
} from "../../../client/generated/graphql.ts";
import { DemoFailed } from "../demo-failed.ts";
import { done, follow, upload, type DemoUser } from "../demo-user.ts";
import { download, drawn, keep } from "../picture.ts";
import { buyCredits } from "../store.ts";

const STAGES = {
  VALIDATING: "Checking the picture",
  GENERATING: "Styling the hair",
  STORING: "Storing",
};
const VIEWS: HairView[] = ["FRONT", "RIGHT", "LEFT", "BACK"];
const STYLES_LIMIT_MS = 60_000;

/** Puts a hairstyle on the photo and shows each view as it comes. */
export async function showTryOn(user: DemoUser): Promise<void> {
  const { client, terminal } = user;
  const style = await firstStyle(user);
  await buyCredits(user, VIEWS.length);
  const uploadId = await upload(user, "TRY_ON_SOURCE");
  const { data } = await client.apollo.mutate({
    mutation: CreateHairTryOnDocument,
    variables: {
      input: { uploadId, hairstyleId: style.id, views: VIEWS, idempotencyKey: randomUUID() },
    },
  });
  const { id, creditsHeld } = done(data?.createHairTryOn, (payload) => payload.hairTryOn);
  terminal.line(`“${style.name}” for ${creditsHeld} credits`);
  const shown = new Map<string, Promise<void>>();
  const job = await follow(user, WatchHairTryOnDocument, id, STAGES, (state) => {
    if (state.__typename !== "HairTryOn") return;
    for (const { view, imageUrl } of state.views) {
      if (imageUrl !== null && !shown.has(view)) {
        shown.set(view, showView(user, `${id}-${view.toLowerCase()}`, view, imageUrl));
      }
    }
  });
  await Promise.all(shown.values());
  if (job.__typename !== "HairTryOn") throw new DemoFailed("The try-on is gone.");
  const note = job.preview ? " These are previews of the local stylist." : "";
  terminal.line(terminal.faint(`${job.creditsSpent} credits spent.${note}`));
}

async function showView(
  { terminal }: DemoUser,
  name: string,
  view: string,
  url: string,
): Promise<void> {
  const picture = await download(url);
  const path = await keep(name, picture);
  const lines = await drawn(picture, terminal);
  // Without a pause: other views come meanwhile.
  terminal.line(`${view.charAt(0)}${view.slice(1).toLowerCase()}: ${path}`);
  for (const line of lines) terminal.line(line);
}

/** On the very first start the hairstyles are still coming in. */
async function firstStyle({ client }: DemoUser) {
  const until = Date.now() + STYLES_LIMIT_MS;
  while (Date.now() < until) {
    const { data } = await client.apollo.query({
      query: HairstylesDocument,
      variables: { first: 1 },
      fetchPolicy: "no-cache",
    });
    const style = data?.hairstyles.nodes[0];
    if (style) return style;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new DemoFailed("There is no hairstyle.");
}
