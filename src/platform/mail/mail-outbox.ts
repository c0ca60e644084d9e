import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../clock/clock.ts";
import type { MailMessage, Mailer } from "./mailer.ts";

export interface MailOutboxOptions {
  /** Folder of the mails; made on first use. */
  dir: string;
  from: { email: string; name: string };
  clock: Clock;
  /** Told after each mail, so that development can print the link in it. */
  onSent?: (mail: { to: string; subject: string; text: string; path: string }) => void;
}

/**
 * Delivers mail into a folder: one `<id>.eml` each, in plain UTF-8, so that a person can read it
 * with any editor and a mail program can open it. Sending the same id again changes nothing.
 */
export class MailOutbox implements Mailer {
  constructor(private readonly options: MailOutboxOptions) {}

  async send(message: MailMessage): Promise<void> {
    const { dir, onSent } = this.options;
    await mkdir(dir, { recursive: true });
    const path = join(dir, `${message.id.replaceAll(/[^A-Za-z0-9_-]/g, "_")}.eml`);
    await writeFile(`${path}.partial`, this.compose(message), { mode: 0o600 });
    await rename(`${path}.partial`, path);
    onSent?.({ to: message.to, subject: message.subject, text: message.text, path });
  }

  // Text only, unencoded: quoted-printable would break every link over several lines.
  private compose(message: MailMessage): string {
    const { from, clock } = this.options;
    const headers = [
      `From: ${oneLine(from.name)} <${oneLine(from.email)}>`,
      `To: ${oneLine(message.to)}`,
      `Subject: ${oneLine(message.subject)}`,
      `Date: ${clock.now().toUTCString().replace("GMT", "+0000")}`,
      `Message-ID: <${oneLine(message.id)}@facet.local>`,
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: 8bit",
    ];
    return `${headers.join("\n")}\n\n${message.text}\n`;
  }
}

const oneLine = (text: string): string => text.replaceAll(/[\r\n]+/g, " ");
