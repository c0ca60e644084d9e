import { createHash } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DeviceMessage } from "../fcm-wire.ts";

export interface PushOutboxOptions {
  /** Folder of the messages; made on first use. */
  dir: string;
  /** Told after each message, so that development can print it. */
  onSent?: (sent: { title: string; body: string; path: string }) => void;
}

/** Delivers pushes into a folder, one JSON file per notification and device, readable by its owner alone. */
export class PushOutbox {
  constructor(private readonly options: PushOutboxOptions) {}

  async send(message: DeviceMessage): Promise<"SENT"> {
    const { dir, onSent } = this.options;
    await mkdir(dir, { recursive: true });
    const device = createHash("sha256").update(message.token).digest("hex").slice(0, 12);
    const path = join(dir, `${message.id}-${device}.json`);
    await writeFile(`${path}.partial`, `${JSON.stringify(message, null, 2)}\n`, { mode: 0o600 });
    await rename(`${path}.partial`, path);
    onSent?.({ title: message.title, body: message.body, path });
    return "SENT";
  }
}
