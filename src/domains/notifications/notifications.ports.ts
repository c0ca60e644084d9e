/** What a device that gets pushes runs. */
export type PushPlatform = "ANDROID" | "IOS" | "WEB";

/** One message to one device. */
export interface PushMessage {
  /** The id of the notification: a device shows two of one id as one. */
  readonly id: string;
  /** The device's address; secret. */
  readonly token: string;
  readonly platform: PushPlatform;
  readonly title: string;
  readonly body: string;
  /** Ids for the app to fetch the rest by; nothing that a stranger may not see. */
  readonly data: Readonly<Record<string, string>>;
}

/** Brings messages to devices. */
export interface PushSender {
  /**
   * Sends once; nothing is repeated after the message may have arrived.
   * @returns TOKEN_GONE when the device cannot be reached at this token again
   * @throws ProviderError
   */
  send(message: PushMessage): Promise<"SENT" | "TOKEN_GONE">;
}
