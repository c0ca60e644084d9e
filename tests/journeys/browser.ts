import { existsSync } from "node:fs";
import type { Browser } from "playwright-core";

const PLACES = [
  process.env["CHROMIUM_PATH"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const QUIET_FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Where a Chromium is installed, null when there is none. */
export const chromiumPath = (): string | null =>
  PLACES.find((place) => place !== undefined && existsSync(place)) ?? null;

/** Starts the Chromium of a path, without a screen and without talking to anyone by itself. */
export async function openBrowser(path: string): Promise<Browser> {
  const { chromium } = await import("playwright-core");
  return chromium.launch({ executablePath: path, args: QUIET_FLAGS });
}
