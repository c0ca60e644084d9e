import { ProviderError } from "../resilience/provider-error.ts";
import type { DetectedFace } from "./face-detector.ts";

/** A second face counts from this share of the largest one's area. */
const SECOND_FACE_AREA = 0.4;

const REFUSALS = {
  NO_FACE: "We could not find a face in the picture.",
  MULTIPLE_FACES: "There is more than one face in the picture.",
} as const;

/** The face that a picture is of, or why it is of none; small faces in the background do not count. */
export function onlyFace(faces: readonly DetectedFace[]): DetectedFace | keyof typeof REFUSALS {
  const [face, second] = faces.toSorted((one, other) => area(other) - area(one));
  if (!face) return "NO_FACE";
  return second && area(second) >= SECOND_FACE_AREA * area(face) ? "MULTIPLE_FACES" : face;
}

/** The same for local providers. @throws ProviderError `refused_input` NO_FACE or MULTIPLE_FACES */
export function requireOnlyFace(faces: readonly DetectedFace[]): DetectedFace {
  const found = onlyFace(faces);
  if (typeof found !== "string") return found;
  const message = REFUSALS[found];
  throw new ProviderError({ provider: "local", outcome: "refused_input", code: found, message });
}

const area = ({ box }: DetectedFace): number => box.width * box.height;
