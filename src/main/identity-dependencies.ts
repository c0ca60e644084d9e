import type { createIdentityModule } from "../domains/identity/index.ts";
import { systemClock } from "../platform/clock/clock.ts";
import type { ComposeOptions, Platform } from "./compose.ts";

/** What people, their sessions and pictures need of the configuration and of the outside. */
export function identityDependencies(
  { config, stores, providers, log }: ComposeOptions,
  platform: Platform,
): Parameters<typeof createIdentityModule>[0] {
  return {
    uow: platform.unitOfWork,
    events: platform.events,
    database: stores.database,
    ids: stores.ids,
    clock: systemClock,
    log,
    nudges: platform.nudges,
    redis: stores.redis,
    rateLimiter: platform.rateLimiter,
    mailer: providers.mailer,
    sms: providers.sms,
    google: providers.google,
    allowedOrigins: config.ALLOWED_ORIGINS,
    blobs: providers.blobs,
    secretKey: config.SECRET_KEY,
    publicUrl: config.publicUrl,
    accessTokenSeconds: config.ACCESS_TOKEN_SECONDS,
    refreshTokenSeconds: config.REFRESH_TOKEN_SECONDS,
    verificationTokenSeconds: config.VERIFICATION_TOKEN_SECONDS,
    resetTokenSeconds: config.RESET_TOKEN_SECONDS,
    limits: {
      loginsPerMinute: config.LOGIN_ATTEMPTS_PER_MINUTE,
      failedLoginsPerAccount: config.LOGIN_ATTEMPTS_PER_ACCOUNT,
      registrationsPerHour: config.REGISTRATIONS_PER_HOUR,
      codesPerHour: config.CODES_PER_HOUR,
      unusedUploads: config.UNUSED_UPLOADS_PER_USER,
    },
  };
}
