import { parentPort } from "node:worker_threads";
import type { DetectionAnswer, DetectionRequest } from "./face-detector.ts";
import { loadFaceModel } from "./face-model.ts";

const port = parentPort;
if (!port) throw new Error("face-detector.thread is the entry of a worker thread");

// Requests wait in the port until the model is there; a failed load ends the thread.
const findFaces = await loadFaceModel();

port.on("message", (request: DetectionRequest) => {
  void detect(request).then((answer) => {
    port.postMessage(answer);
  });
});

async function detect({ id, rgb, width, height }: DetectionRequest): Promise<DetectionAnswer> {
  try {
    return { id, faces: await findFaces(rgb, width, height) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}
