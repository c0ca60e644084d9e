import { z } from "zod";
import { PROVIDER_CODES, ProviderError } from "../../platform/resilience/provider-error.ts";
import type { StickerRequest } from "./sticker.ts";

export const DASHSCOPE = "dashscope";
/** The account may detect once and create once a second; a little more, because the way there takes a while each time. */
export const SPACING_MS = 1_200;

const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
/** Left, top, right, bottom in pixels. */
export type Box = z.infer<typeof box>;

/** Face detection. A picture that does not pass is answered with 200 and a code. */
export const detectionSchema = z.object({
  output: z.union([
    z.object({ bbox_face: box, ext_bbox_face: box }),
    z.object({ code: z.string(), message: z.string().default("") }),
  ]),
});

export const creationSchema = z.object({
  output: z.object({ task_id: z.string().min(1), task_status: z.string() }),
});

export const taskSchema = z.object({
  output: z.object({
    task_status: z.string(),
    video_url: z.string().optional(),
    code: z.string().optional(),
    message: z.string().optional(),
  }),
  usage: z.object({ video_duration: z.number().positive() }).partial().optional(),
});

export const cancellationSchema = z.object({ request_id: z.string() });

/** Whether a task in this state works no longer. */
export const isEnded = (status: string): boolean =>
  status === "SUCCEEDED" || status === "FAILED" || status === "CANCELED";

/** What a run stores, so that the next one goes on from there. */
const sessionSchema = z.discriminatedUnion("step", [
  z.object({ step: z.literal("DETECTED"), face: box, around: box }),
  /** The request that is paid is about to be sent, and may have been. */
  z.object({ step: z.literal("CREATING"), face: box, around: box }),
  z.object({
    step: z.literal("CREATED"),
    face: box,
    around: box,
    taskId: z.string(),
    createdAtMs: z.number().default(() => Date.now()),
  }),
]);
export type Session = z.infer<typeof sessionSchema>;
export type DetectedSession = Extract<Session, { step: "DETECTED" }>;
export type CreatedSession = Extract<Session, { step: "CREATED" }>;

/** What an earlier run stored. Throws when it is unreadable. */
export const readSession = (text: string): Session => sessionSchema.parse(JSON.parse(text));

/** Stores what the next run goes on from. Rejects when the job is no longer this run's. */
export const save = ({ saveSession }: StickerRequest, session: Session): Promise<void> =>
  saveSession(JSON.stringify(session));

const REFUSALS: Readonly<Record<string, readonly [code: string, message: string]>> = {
  "InvalidFile.NoHuman": ["NO_FACE", "We could not find a face in the picture."],
  "InvalidFile.MultiHuman": ["MULTIPLE_FACES", "There is more than one face in the picture."],
  "InvalidFile.FacePose": ["FACE_TILTED", "Please look straight into the camera."],
  "InvalidFile.BodyProportion": ["FACE_TOO_SMALL", "The face is too small in the picture."],
  "InvalidFile.Resolution": ["IMAGE_TOO_SMALL", "The picture has too few pixels."],
  "InvalidFile.FullFace": ["FACE_INCOMPLETE", "The whole face must be in the picture."],
  "InvalidFile.FrontBody": ["FACE_TILTED", "Please look straight into the camera."],
  DataInspectionFailed: ["CONTENT_REFUSED", "This picture cannot be used."],
};

/** Not a matter of time: somebody has to pay or to change the account. Never tried again. */
const ACCOUNT = new Set([
  "Arrearage",
  "PrepaidBillOverdue",
  "PostpaidBillOverdue",
  "CommodityNotPurchased",
  "InvalidApiKey",
  "AccessDenied",
  "Model.AccessDenied",
  "AllocationQuota.FreeTierOnly",
  "ModelNotFound",
  "WorkSpaceNotFound",
]);

/** The error behind a code of DashScope; null for a code that says no more than the status. */
export function refusalOf(code: string, status?: number): ProviderError | null {
  const picture = REFUSALS[code];
  if (picture || code.startsWith("InvalidFile.")) {
    const [own, message] = picture ?? ["IMAGE_REFUSED", "This picture cannot be used."];
    return fault("refused_input", own, message, status);
  }
  if (ACCOUNT.has(code)) {
    return fault(
      "misconfigured",
      PROVIDER_CODES.misconfigured,
      `${DASHSCOPE} refuses the account.`,
      status,
    );
  }
  return null;
}

/** The same for an answer that is not 2xx, whose body names a code. */
export function refusalInBody(answer: { status: number; body: unknown }): ProviderError | null {
  const parsed = z.object({ code: z.string() }).safeParse(answer.body);
  return parsed.success ? refusalOf(parsed.data.code, answer.status) : null;
}

/**
 * Whether a creation that failed has surely made no task: the provider said no, it never saw the request, or it was too
 * much at once. What else it answers may come from behind the place where tasks are accepted.
 */
export function surelyRefused({ outcome, status }: ProviderError): boolean {
  if (outcome === "unknown") return false;
  return outcome !== "retryable" || status === undefined || status === 429;
}

/** A task that ended without a video. Failed tasks are not billed: unless the picture is to blame, another may succeed. */
export const taskFailure = (code: string | undefined): ProviderError =>
  (code === undefined ? null : refusalOf(code)) ??
  fault("retryable", PROVIDER_CODES.unavailable, `${DASHSCOPE} could not make the sticker.`);

const fault = (
  outcome: ProviderError["outcome"],
  code: string,
  message: string,
  status?: number,
): ProviderError => new ProviderError({ provider: DASHSCOPE, outcome, code, message, status });
