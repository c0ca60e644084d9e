import type { Style, View } from "./styling.ts";

const CAMERA: Readonly<Record<View, string>> = {
  FRONT: "Keep the pose, the camera angle and the background of the photo.",
  RIGHT:
    "Show the same person in profile, turned so that the right side of the head faces the camera.",
  LEFT: "Show the same person in profile, turned so that the left side of the head faces the camera.",
  BACK: "Show the same person from directly behind, so that the back of the hair fills the view and no face is seen.",
};

/** What the model is told for one view. */
export const promptFor = (view: View, style: Style): string =>
  [
    `Edit the photo of this person: change only the hair, to ${style.prompt}.`,
    view === "BACK"
      ? "Keep the build, the skin tone and the clothes."
      : "Keep the face, its expression, the skin tone, the age and the clothes exactly as they are.",
    CAMERA[view],
    "Natural light and true hair texture, a realistic photograph of a single person without text.",
  ].join(" ");
