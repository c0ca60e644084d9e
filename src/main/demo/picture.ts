import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { DemoFailed } from "./demo-failed.ts";
import type { Terminal } from "./terminal.ts";

const DIR = "facet-demo";
const COLUMNS = 44;
const EXTENSIONS: Readonly<Record<string, string>> = {
  "video/mp4": "mp4",
  "image/gif": "gif",
  "image/webp": "webp",
  "image/png": "png",
  "image/jpeg": "jpg",
};

/** A file that the server made. */
export interface Download {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/** Fetches a file that the server made. @throws DemoFailed */
export async function download(url: string): Promise<Download> {
  const response = await fetch(url);
  if (!response.ok) throw new DemoFailed(`The file was refused with status ${response.status}.`);
  const contentType = response.headers.get("content-type")?.split(";")[0] ?? "";
  return { bytes: new Uint8Array(await response.arrayBuffer()), contentType };
}

/** Writes a file into `facet-demo` below the current directory; resolves to its path. */
export async function keep(name: string, { bytes, contentType }: Download): Promise<string> {
  await mkdir(DIR, { recursive: true });
  const path = resolve(join(DIR, `${name}.${EXTENSIONS[contentType] ?? "bin"}`));
  await writeFile(path, bytes);
  return path;
}

/** The lines of a picture made of characters of which each shows two pixels; none where there is no colour. */
export async function drawn({ bytes }: Download, terminal: Terminal): Promise<string[]> {
  if (!terminal.hasColours) return [];
  const lines: string[] = [];
  const { data, info } = await sharp(bytes)
    .resize({ width: Math.max(1, Math.min(COLUMNS, terminal.columns - 2)) })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const pixel = (x: number, y: number): Pixel => {
    const at = (y * info.width + x) * 4;
    return y < info.height && (data[at + 3] ?? 0) > 127
      ? [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0]
      : null;
  };
  for (let y = 0; y < info.height; y += 2) {
    let line = "  ";
    for (let x = 0; x < info.width; x += 1) line += cell(pixel(x, y), pixel(x, y + 1));
    lines.push(line);
  }
  return lines;
}

type Pixel = readonly [number, number, number] | null;

const ESC = "\u001b[";
const colour = (layer: 38 | 48, [red, green, blue]: NonNullable<Pixel>): string =>
  `${ESC}${layer};2;${red};${green};${blue}m`;

function cell(upper: Pixel, lower: Pixel): string {
  if (upper && lower) return `${colour(38, upper)}${colour(48, lower)}▀${ESC}0m`;
  if (upper) return `${colour(38, upper)}▀${ESC}0m`;
  return lower ? `${colour(38, lower)}▄${ESC}0m` : " ";
}
