import type { Clock } from "../../platform/clock/clock.ts";
import { HttpClient } from "../../platform/http/http-client.ts";
import type { ProviderGuard } from "../../platform/resilience/guard.ts";
import { PROVIDER_CODES, ProviderError } from "../../platform/resilience/provider-error.ts";
import { FcmAccess } from "./fcm-access.ts";
import { accepted, blamesToken, errorCodeOf, wireMessage, type DeviceMessage } from "./fcm-wire.ts";
import type { ServiceAccount } from "./service-account.ts";

export interface FcmOptions {
  /** Such as `https://fcm.googleapis.com`. */
  baseUrl: string;
  account: ServiceAccount;
  timeoutMs: number;
  guard: ProviderGuard;
  clock: Clock;
}

/** The device is gone; it never leaves this file. */
class TokenGone extends ProviderError {}

/** The access token was refused; it never leaves this file. */
class AccessRefused extends ProviderError {}

/**
 * Sends messages to devices by the HTTP v1 API, `POST /v1/projects/{project}/messages:send`.
 * Never repeats a message by itself, but once after its access token was refused: nothing was sent then.
 */
export class FcmPushSender {
  private readonly http: HttpClient;
  private readonly access: FcmAccess;

  constructor(private readonly options: FcmOptions) {
    this.http = new HttpClient({
      provider: "fcm",
      baseUrl: options.baseUrl,
      timeoutMs: options.timeoutMs,
    });
    this.access = new FcmAccess(options);
  }

  /** Sends once. @returns TOKEN_GONE when the device cannot be reached at this token again. @throws ProviderError */
  async send(message: DeviceMessage): Promise<"SENT" | "TOKEN_GONE"> {
    try {
      await this.withAccess((token) => this.post(message, token));
      return "SENT";
    } catch (error) {
      if (error instanceof TokenGone) return "TOKEN_GONE";
      throw error;
    }
  }

  /** Runs a call, and once more with a new access token if the first one was refused. */
  private async withAccess(call: (token: string) => Promise<void>): Promise<void> {
    const token = await this.access.token();
    try {
      await call(token);
    } catch (error) {
      if (!(error instanceof AccessRefused)) throw error;
      this.access.refuse(token);
      await call(await this.access.token());
    }
  }

  private async post(message: DeviceMessage, accessToken: string): Promise<void> {
    const call = { operation: "send", repeatable: false, retries: 0 };
    const project = encodeURIComponent(this.options.account.projectId);
    await this.options.guard.run(call, (signal) =>
      this.http.json({
        method: "POST",
        path: `v1/projects/${project}/messages:send`,
        headers: { authorization: `Bearer ${accessToken}` },
        body: wireMessage(message, this.options.clock.now()),
        schema: accepted,
        signal,
        refusal: ({ status, body }) => refusalOf(status, body),
      }),
    );
  }
}

/** What a refusal means where the status alone does not say it. */
function refusalOf(status: number, body: unknown): ProviderError | null {
  const code = errorCodeOf(body);
  if (blamesToken(body)) {
    return new TokenGone(fault("refused_input", status, "This device cannot be reached."));
  }
  // A certificate of the app that its maker's service does not accept: another access token changes nothing.
  if (status !== 401 || code === "THIRD_PARTY_AUTH_ERROR") return null;
  return new AccessRefused(fault("misconfigured", status, "fcm refused the access token."));
}

const fault = (outcome: "refused_input" | "misconfigured", status: number, message: string) => ({
  provider: "fcm",
  outcome,
  code: outcome === "misconfigured" ? PROVIDER_CODES.misconfigured : PROVIDER_CODES.rejected,
  message,
  status,
});
