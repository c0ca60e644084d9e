import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SmsMessage, SmsSender } from "./sms-sender.ts";

export interface SmsOutboxOptions {
  /** Folder of the messages; made on first use. */
  dir: string;
  /** Told after each message, so that development can print the code in it. */
  onSent?: (sent: SmsMessage & { path: string }) => void;
}

/** Delivers text messages into a folder, one `<id>.txt` each, readable by their owner alone. */
export class SmsOutbox implements SmsSender {
  constructor(private readonly options: SmsOutboxOptions) {}

  async send(message: SmsMessage): Promise<void> {
    const { dir, onSent } = this.options;
    await mkdir(dir, { recursive: true });
    const path = join(dir, `${message.id.replaceAll(/[^A-Za-z0-9_-]/g, "_")}.txt`);
    const text = `To: ${message.to}\n\n${message.text}\n`;
    await writeFile(`${path}.partial`, text, { mode: 0o600 });
    await rename(`${path}.partial`, path);
    onSent?.({ ...message, path });
  }
}
