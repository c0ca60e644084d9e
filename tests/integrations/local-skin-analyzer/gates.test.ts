import { afterAll, expect, test } from "@jest/globals";
import type { Sharp } from "sharp";
import { FaceDetector } from "../../../src/platform/faces/face-detector.ts";
import { LocalSkinAnalyzer } from "../../../src/integrations/orbo/local/local-skin-analyzer.ts";
import { ProviderError } from "../../../src/platform/resilience/provider-error.ts";
import { analyze, drawn, jpeg, portrait, twice } from "./portraits.ts";

const faces = new FaceDetector();
const analyzer = new LocalSkinAnalyzer(faces);
afterAll(async () => {
  await analyzer.close();
  await faces.close();
});

const CUP = `<path d="M150 150 h180 v160 a60 60 0 0 1 -60 60 h-60 a60 60 0 0 1 -60 -60 z" fill="#a33"/>
  <path d="M330 190 h30 a40 40 0 0 1 0 100 h-30" fill="none" stroke="#a33" stroke-width="20"/>`;

async function refusal(picture: Sharp): Promise<ProviderError> {
  const error: unknown = await analyze(analyzer, await jpeg(picture)).catch(
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(ProviderError);
  return error as ProviderError;
}

test.each<[string, () => Sharp, string[]]>([
  ["a cup", () => drawn(CUP), ["NO_FACE"]],
  ["two people", twice, ["MULTIPLE_FACES"]],
  ["a far away face", () => portrait().resize(280), ["FACE_TOO_SMALL"]],
  ["a tiny picture", () => portrait().resize(150), ["IMAGE_TOO_SMALL"]],
  ["a tilted head", () => portrait().rotate(30, { background: "#888" }), ["FACE_TILTED"]],
  [
    "a head almost lying",
    () => portrait().rotate(60, { background: "#888" }),
    ["FACE_TILTED", "NO_FACE"],
  ],
  ["too little light", () => portrait().linear(0.25, 0), ["IMAGE_TOO_DARK"]],
  ["too much light", () => portrait().linear(1.7, 0), ["IMAGE_TOO_BRIGHT"]],
  ["a shaken camera", () => portrait().blur(2.4), ["IMAGE_TOO_BLURRED"]],
])("refuses %s", async (_, picture, codes) => {
  const error = await refusal(picture());
  expect(codes).toContain(error.code);
  expect(error.outcome).toBe("refused_input");
  expect(error.provider).toBe("local");
  expect(error.message).toMatch(/^[A-Z].*\.$/);
});

test("bytes that are no picture are refused", async () => {
  await expect(analyze(analyzer, Buffer.from("not a picture"))).rejects.toMatchObject({
    outcome: "refused_input",
    code: "PROVIDER_REJECTED",
  });
});
