import { randomUUID } from "node:crypto";
import {
  CreateEmojiTaskDocument,
  EmojiTemplatesDocument,
  WatchEmojiTaskDocument,
} from "../../../client/generated/graphql.ts";
import { DemoFailed } from "../demo-failed.ts";
import { done, follow, upload, type DemoUser } from "../demo-user.ts";
import { download, drawn, keep } from "../picture.ts";
import { buyPoints } from "../store.ts";

const STAGES = {
  VALIDATING: "Checking the picture",
  DETECTING: "Looking for the face",
  GENERATING: "Making it move",
  STORING: "Storing",
};

/** Makes a sticker of the photo, keeps it as a file and shows a still. */
export async function showEmoji(user: DemoUser): Promise<void> {
  const { client, terminal } = user;
  const { data: choice } = await client.apollo.query({ query: EmojiTemplatesDocument });
  const template = choice?.emojiTemplates[0];
  if (!template) throw new DemoFailed("There is no template.");
  await buyPoints(user, template.pricePoints);
  const uploadId = await upload(user, "EMOJI_SOURCE");
  const { data } = await client.apollo.mutate({
    mutation: CreateEmojiTaskDocument,
    variables: { input: { uploadId, templateId: template.id, idempotencyKey: randomUUID() } },
  });
  const { id, pointsSpent } = done(data?.createEmojiTask, (payload) => payload.emojiTask);
  terminal.line(`“${template.title}” for ${pointsSpent} points`);
  const job = await follow(user, WatchEmojiTaskDocument, id, STAGES);
  const sticker = job.__typename === "EmojiTask" ? job.sticker : null;
  if (!sticker) throw new DemoFailed("The sticker is gone.");
  const path = await keep(id, await download(sticker.url));
  for (const line of await drawn(await download(sticker.posterUrl), terminal)) terminal.line(line);
  const shape = `${sticker.width} × ${sticker.height}, ${(sticker.durationMs / 1000).toFixed(1)} s`;
  terminal.line(`${path} ${terminal.faint(`(${shape})`)}`);
}
