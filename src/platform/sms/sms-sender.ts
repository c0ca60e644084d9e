/** One text message to one phone. */
export interface SmsMessage {
  /** The same id means the same message. */
  id: string;
  /** E.164, such as +85512345678. */
  to: string;
  text: string;
}

/** Sends a text message once. Throws ProviderError; nothing is repeated. */
export interface SmsSender {
  send(message: SmsMessage): Promise<void>;
}
