import { createRequire, registerHooks } from "node:module";
import path from "node:path";
import type * as FaceApi from "@vladmandic/face-api";
import * as core from "@tensorflow/tfjs-core";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { DetectedFace } from "./face-detector.ts";

const require = createRequire(import.meta.url);
const MIN_CONFIDENCE = 0.4;

/** Finds faces and their 68 landmarks in one picture of packed RGB bytes. */
export type FaceModel = (rgb: Uint8Array, width: number, height: number) => Promise<DetectedFace[]>;

/**
 * Loads the detector (SSD MobileNet v1) and the landmark network, both shipped with their package,
 * on the WebAssembly backend. Call once per thread: it changes how that thread resolves modules.
 */
export async function loadFaceModel(): Promise<FaceModel> {
  const faceApi = requireFaceApi();
  const wasm = path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm"));
  setWasmPaths(`${wasm}${path.sep}`);
  await core.setBackend("wasm");
  await core.ready();
  const models = path.join(
    path.dirname(require.resolve("@vladmandic/face-api/package.json")),
    "model",
  );
  await faceApi.nets.ssdMobilenetv1.loadFromDisk(models);
  await faceApi.nets.faceLandmark68Net.loadFromDisk(models);
  const options = new faceApi.SsdMobilenetv1Options({ minConfidence: MIN_CONFIDENCE });

  return async (rgb, width, height) => {
    const input = core.tensor3d(rgb, [height, width, 3], "int32");
    try {
      const found = await faceApi
        .detectAllFaces(input as unknown as FaceApi.TNetInput, options)
        .withFaceLandmarks();
      return found.map(({ detection, landmarks }) => ({
        score: detection.score,
        box: {
          x: detection.box.x,
          y: detection.box.y,
          width: detection.box.width,
          height: detection.box.height,
        },
        landmarks: landmarks.positions.map(({ x, y }) => ({ x, y })),
      }));
    } finally {
      input.dispose();
    }
  };
}

/**
 * The package asks for the umbrella distribution of TensorFlow.js (270 MB). The core alone has all
 * it needs, except the chained spelling of a few operations.
 */
function requireFaceApi(): typeof FaceApi {
  addChainedOperations();
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier === "@tensorflow/tfjs" ? "@tensorflow/tfjs-core" : specifier, context),
  });
  try {
    return require("@vladmandic/face-api/dist/face-api.node-wasm.js") as typeof FaceApi;
  } finally {
    hooks.deregister();
  }
}

function addChainedOperations(): void {
  type Other = core.Tensor | number;
  Object.assign(core.Tensor.prototype, {
    as1D(this: core.Tensor) {
      return core.reshape(this, [this.size]);
    },
    as2D: chainedReshape,
    as3D: chainedReshape,
    as4D: chainedReshape,
    sub(this: core.Tensor, other: Other) {
      return core.sub(this, other);
    },
    mul(this: core.Tensor, other: Other) {
      return core.mul(this, other);
    },
    div(this: core.Tensor, other: Other) {
      return core.div(this, other);
    },
  });
}

function chainedReshape(this: core.Tensor, ...shape: number[]): core.Tensor {
  return core.reshape(this, shape);
}
