import type { StickerMaker } from "../domains/emoji/index.ts";
import { DashScopeStickerMaker } from "../integrations/dashscope/dashscope-sticker-maker.ts";
import { LocalStickerMaker } from "../integrations/dashscope/local/local-sticker-maker.ts";
import type { Config } from "../platform/config/env.ts";
import type { FaceDetector } from "../platform/faces/face-detector.ts";
import type { ProviderGuard } from "../platform/resilience/guard.ts";
import type { ProviderTurns } from "../platform/resilience/provider-turns.ts";

const TIMEOUT_MS = 15_000;
const CONCURRENCY = 8;

/** What makes stickers, once it is known how turns at the provider are taken. */
export function openStickerMaker(
  config: Config,
  faces: FaceDetector,
  guardOf: (provider: string, timeoutMs: number, concurrency: number) => ProviderGuard,
): (turns: ProviderTurns) => StickerMaker {
  if (config.DASHSCOPE_MODE === "local") {
    const maker = new LocalStickerMaker(faces);
    return () => maker;
  }
  const guard = guardOf("dashscope", TIMEOUT_MS, CONCURRENCY);
  return (turns) =>
    new DashScopeStickerMaker({
      baseUrl: config.DASHSCOPE_BASE_URL,
      apiKey: config.DASHSCOPE_API_KEY ?? "",
      timeoutMs: TIMEOUT_MS,
      pollMs: config.DASHSCOPE_POLL_MS,
      guard,
      turns,
      allowInsecureUrls: !config.production,
    });
}
