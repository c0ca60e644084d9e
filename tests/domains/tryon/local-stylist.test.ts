import { afterAll, beforeAll, expect, test } from "@jest/globals";
import sharp from "sharp";
import { LocalStylist } from "../../../src/integrations/replicate/local/local-stylist.ts";
import type { Style, StylingRequest, View } from "../../../src/integrations/replicate/styling.ts";
import { FaceDetector } from "../../../src/platform/faces/face-detector.ts";
import type { ProviderError } from "../../../src/platform/resilience/provider-error.ts";
import { portrait } from "../../support/world.ts";

const ALL: View[] = ["FRONT", "RIGHT", "LEFT", "BACK"];
const silver: Style = { prompt: "", category: "SHORT", color: "#a9adb3", hasFringe: false };
const own: Style = { ...silver, color: null };
let faces: FaceDetector;
let image: Uint8Array;
beforeAll(async () => {
  faces = new FaceDetector();
  image = await sharp(portrait()).jpeg({ quality: 92 }).toBuffer();
});
afterAll(() => faces.close());

async function styled(style: Style, views = ALL, picture = image) {
  const pictures = new Map<View, Buffer>();
  const failed = new Map<View, ProviderError>();
  const request: StylingRequest = {
    jobId: "hto_1",
    image: picture,
    imageUrl: "",
    style,
    views,
    session: null,
    saveSession: () => Promise.reject(new Error("Nothing is paid.")),
    awaitNews: () => Promise.reject(new Error("There is no news.")),
    onStyled: (view, made) => Promise.resolve(void pictures.set(view, Buffer.from(made.picture))),
    onFailed: (view, fault) => Promise.resolve(void failed.set(view, fault)),
    signal: new AbortController().signal,
  };
  await new LocalStylist(faces).style(request);
  return { pictures, failed };
}

/** The mean colour of a part of a picture, as shares of its side. */
async function meanOf(picture: Buffer, [left, top, width, height]: number[]): Promise<number[]> {
  const { width: side = 0 } = await sharp(picture).metadata();
  const at = (share: number | undefined) => Math.round((share ?? 0) * side);
  const { channels } = await sharp(picture)
    .extract({ left: at(left), top: at(top), width: at(width), height: at(height) })
    .toBuffer()
    .then((part) => sharp(part).stats());
  return channels.map(({ mean }) => mean);
}
const saturation = ([r = 0, g = 0, b = 0]: number[]) => Math.max(r, g, b) - Math.min(r, g, b);

test("the hair takes the colour of the style and the face keeps its own", async () => {
  const [before, after] = [await styled(own, ["FRONT"]), await styled(silver, ["FRONT"])];
  const [was, is] = [before.pictures.get("FRONT")!, after.pictures.get("FRONT")!];
  const hair = [0.42, 0.1, 0.18, 0.1];
  const cheeks = [0.42, 0.42, 0.16, 0.08];
  expect(saturation(await meanOf(was, hair))).toBeGreaterThan(40);
  expect(saturation(await meanOf(is, hair))).toBeLessThan(25);
  const [skinBefore, skinAfter] = [await meanOf(was, cheeks), await meanOf(is, cheeks)];
  skinBefore.forEach((value, channel) => {
    expect(Math.abs(value - (skinAfter[channel] ?? 0))).toBeLessThan(3);
  });
});

test("four views are four pictures, the same ones each time", async () => {
  const bob: Style = { prompt: "", category: "MEDIUM", color: "#8a5a33", hasFringe: true };
  const [one, two] = [await styled(bob), await styled(bob)];
  const pictures = [...one.pictures.values()].map((picture) => picture.toString("base64"));
  expect(new Set(pictures).size).toBe(4);
  expect([...two.pictures.values()].map((picture) => picture.toString("base64"))).toEqual(pictures);
  for (const picture of one.pictures.values()) {
    expect(await sharp(picture).metadata()).toMatchObject({
      format: "jpeg",
      width: 768,
      height: 768,
    });
  }
});

test("styles of another shape look different from behind", async () => {
  const backs = new Set<string>();
  for (const category of ["SHORT", "LONG", "CURLY", "BRAIDS", "UPDO"] as const) {
    const { pictures } = await styled({ ...silver, category }, ["BACK"]);
    backs.add(pictures.get("BACK")!.toString("base64"));
  }
  expect(backs.size).toBe(5);
});

test("without a face there is nothing to style", async () => {
  const wall = await sharp({ create: { width: 300, height: 300, channels: 3, background: "#888" } })
    .jpeg()
    .toBuffer();
  const { pictures, failed } = await styled(silver, ["FRONT", "BACK"], wall);
  expect(pictures.size).toBe(0);
  expect(failed.get("BACK")).toMatchObject({ outcome: "refused_input", code: "NO_FACE" });
});
