import { answerRequests } from "../threads/thread-server.ts";
import type { DetectedFace, Picture } from "./face-detector.ts";
import { loadFaceModel } from "./face-model.ts";

// Requests wait in the port until the model is there; a failed load ends the thread.
const findFaces = await loadFaceModel();

answerRequests<Picture, DetectedFace[]>(({ rgb, width, height }) => findFaces(rgb, width, height));
