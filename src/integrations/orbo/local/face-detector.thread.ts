import type { Picture } from "./face-crop.ts";
import type { DetectedFace } from "./face-detector.ts";
import { loadFaceModel } from "./face-model.ts";
import { answerRequests } from "./thread-server.ts";

// Requests wait in the port until the model is there; a failed load ends the thread.
const findFaces = await loadFaceModel();

answerRequests<Picture, DetectedFace[]>(({ rgb, width, height }) => findFaces(rgb, width, height));
