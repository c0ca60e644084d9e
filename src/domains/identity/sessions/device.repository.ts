import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";

export type DevicePlatform = "IOS" | "ANDROID" | "WEB";

/** A device that can sign its user in. */
export interface Device {
  readonly id: string;
  readonly userId: string;
  readonly secretHash: string;
}

/** Reads and writes `user_devices`. */
export class DeviceRepository {
  constructor(private readonly database: Database) {}

  /** By the id that the device gave itself. */
  async find(deviceId: string): Promise<Device | null> {
    const rows = await this.database.query<Device>(
      `select id, user_id as "userId", secret_hash as "secretHash" from user_devices
       where device_id = $1`,
      [deviceId],
    );
    return rows[0] ?? null;
  }

  /** Whose a device is, as of now; null when it is gone. */
  async ownerOf(tx: Tx, id: string): Promise<string | null> {
    const rows = await tx.query<{ userId: string }>(
      `select user_id as "userId" from user_devices where id = $1`,
      [id],
    );
    return rows[0]?.userId ?? null;
  }

  /** False when the device is known already. */
  async add(
    tx: Tx,
    device: Device & { deviceId: string; platform: DevicePlatform },
  ): Promise<boolean> {
    const added = await tx.execute(
      `insert into user_devices (id, user_id, device_id, secret_hash, platform)
       values ($1, $2, $3, $4, $5) on conflict (device_id) do nothing`,
      [device.id, device.userId, device.deviceId, device.secretHash, device.platform],
    );
    return added === 1;
  }

  async touch(tx: Tx, id: string, platform: DevicePlatform, at: Date): Promise<void> {
    await tx.execute("update user_devices set last_used_at = $3, platform = $2 where id = $1", [
      id,
      platform,
      at,
    ]);
  }
}
