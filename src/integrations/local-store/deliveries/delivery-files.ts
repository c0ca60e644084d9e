import { access, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { randomName } from "../state/names.ts";
import { namesIn, writeDurably } from "../state/versioned-files.ts";
import { wireEventSchema, type WireEvent } from "../wire/wire-event.ts";

const deliverySchema = z.object({
  event: wireEventSchema,
  attempts: z.number().int(),
  /** Milliseconds; whoever tries moves it first, so that others leave it alone meanwhile. */
  nextAttemptAt: z.number().int(),
});

/** An event that has not arrived yet. */
export type Delivery = z.infer<typeof deliverySchema>;

/** The webhooks on their way, one file each: in `waiting`, and in `sent` once they have arrived. */
export class DeliveryFiles {
  private readonly waitingDir: string;
  private readonly sentDir: string;
  private readonly holdPath: string;

  constructor(dir: string) {
    this.waitingDir = join(dir, "webhooks", "waiting");
    this.sentDir = join(dir, "webhooks", "sent");
    this.holdPath = join(dir, "webhooks", "held");
  }

  /** Puts an event among those that wait, unless it is known. @returns its name */
  async add(event: WireEvent, nextAttemptAt: number): Promise<string> {
    const name = nameOf(event);
    const known = await Promise.all([exists(this.waiting(name)), exists(this.sent(name))]);
    if (!known.includes(true)) await this.keep(name, { event, attempts: 0, nextAttemptAt });
    return name;
  }

  /** What waits, in the order of sending. */
  async names(): Promise<string[]> {
    return (await namesIn(this.waitingDir)).filter((name) => name.endsWith(".json"));
  }

  /** Null when it has arrived meanwhile. */
  async find(name: string): Promise<Delivery | null> {
    try {
      return deliverySchema.parse(JSON.parse(await readFile(this.waiting(name), "utf8")));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  /** Writes how far a delivery is. */
  async keep(name: string, delivery: Delivery): Promise<void> {
    await mkdir(this.waitingDir, { recursive: true });
    const draft = join(this.waitingDir, `${randomName()}.partial`);
    await writeDurably(draft, JSON.stringify(delivery));
    await rename(draft, this.waiting(name));
  }

  /** It has arrived. */
  async arrived(name: string): Promise<void> {
    await mkdir(this.sentDir, { recursive: true });
    try {
      await rename(this.waiting(name), this.sent(name));
    } catch (error) {
      // Another process has sent it as well.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }

  /** Whether nothing is to be sent for now. */
  isHeld(): Promise<boolean> {
    return exists(this.holdPath);
  }

  /** Holds everything back that is to be sent, or lets it go. */
  async hold(held: boolean): Promise<void> {
    if (!held) return rm(this.holdPath, { force: true });
    await mkdir(join(this.holdPath, ".."), { recursive: true });
    await writeFile(this.holdPath, "");
  }

  private waiting(name: string): string {
    return join(this.waitingDir, name);
  }

  private sent(name: string): string {
    return join(this.sentDir, name);
  }
}

const nameOf = ({ at, place, id }: WireEvent): string =>
  `${String(at).padStart(15, "0")}-${String(place).padStart(3, "0")}-${id}.json`;

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
