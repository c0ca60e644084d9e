import { z } from "zod";
import { PROVIDER_CODES, ProviderError } from "../../platform/resilience/provider-error.ts";

export const ORBO = "orbo";

/** Answer to `GET image`. */
export const issuedSession = z.object({
  data: z.object({ uploadSignedUrl: z.url(), session_id: z.string().min(1).max(200) }),
});

const failure = z.looseObject({
  message: z.string().optional(),
  description: z.string().optional(),
});

/** Answer to `GET analysis`: finished, failed (`error`), or neither, which means not ready yet. */
export const analysisAnswer = z.object({
  success: z.boolean().optional(),
  message: z.string().optional(),
  error: z.union([failure, z.string()]).nullish(),
  data: z
    .object({
      output_score: z.array(
        z.object({
          concern: z.string(),
          score: z.number().nullish(),
          riskLevel: z.number().nullish(),
        }),
      ),
      annotations: z.record(z.string(), z.string().nullable()).nullish(),
    })
    .nullish()
    .catch(null),
});

export type AnalysisAnswer = z.infer<typeof analysisAnswer>;

const NEVER_PENDING = new Set([400, 401, 402, 403, 429]);
const ALWAYS_PENDING = new Set([404, 409, 425]);

/**
 * ORBO says "not ready" with all kinds of statuses. An answer in its own envelope that names no
 * error is such a one; a bare 5xx of a proxy is not.
 */
export function isPending(answer: { status: number; body: unknown }): boolean {
  if (NEVER_PENDING.has(answer.status)) return false;
  const parsed = analysisAnswer.safeParse(answer.body);
  if (!parsed.success || parsed.data.error) return false;
  return ALWAYS_PENDING.has(answer.status) || parsed.data.success === false;
}

const REFUSALS: readonly [pattern: RegExp, code: string, message: string][] = [
  [
    /multiple faces|more than one face/i,
    "MULTIPLE_FACES",
    "There is more than one face in the picture. Please take a picture of yourself only.",
  ],
  [
    /face (is )?not (detected|found)|no face/i,
    "NO_FACE",
    "No face was found in the picture. Please look straight into the camera in good light.",
  ],
  [
    /resolution|image (is )?too small/i,
    "IMAGE_TOO_SMALL",
    "The picture is too small. It needs at least 500 × 500 pixels.",
  ],
  [
    /out of focus|blur/i,
    "IMAGE_TOO_BLURRED",
    "The picture is not sharp. Please hold the camera still and wipe its lens.",
  ],
  [
    /tilt|angle/i,
    "FACE_TILTED",
    "The face is turned or tilted. Please hold your head straight and look into the camera.",
  ],
  [
    /face (is )?too (small|far)/i,
    "FACE_TOO_SMALL",
    "The face is too far away. Please come closer.",
  ],
  [/too dark|low light/i, "IMAGE_TOO_DARK", "The picture is too dark. Please find more light."],
  [
    /too bright|over.?exposed/i,
    "IMAGE_TOO_BRIGHT",
    "The picture is too bright. Please avoid direct light.",
  ],
];

/** Turns ORBO's words about a refused picture into our code and a text that helps the user. */
export function refusedPicture(body: unknown, status?: number): ProviderError {
  const parsed = z.union([z.object({ error: failure }), failure]).safeParse(body);
  const parts = parsed.success ? textsOf(parsed.data) : [];
  const known = REFUSALS.find(([pattern]) => parts.some((part) => pattern.test(part)));
  return new ProviderError({
    provider: ORBO,
    outcome: "refused_input",
    code: known?.[1] ?? PROVIDER_CODES.rejected,
    message: known?.[2] ?? "The picture could not be analysed. Please try another one.",
    status,
  });
}

function textsOf(body: Record<string, unknown>): string[] {
  const source = typeof body.error === "object" && body.error !== null ? body.error : body;
  const { message, description } = source as Record<string, unknown>;
  return [body.error, message, description].filter((part) => typeof part === "string");
}
