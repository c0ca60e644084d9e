import type { Redis } from "ioredis";
import type { BlobStore } from "../../platform/blobs/blob-store.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Database } from "../../platform/db/database.ts";
import type { Tx, UnitOfWork } from "../../platform/db/unit-of-work.ts";
import type { DomainEvents } from "../../platform/events/domain-events.ts";
import {
  signedIn,
  type Authenticator,
  type SessionEndings,
} from "../../platform/graphql/context.ts";
import { registerNodeSource } from "../../platform/graphql/node.ts";
import type { Ids } from "../../platform/ids/ids.ts";
import type { Mailer } from "../../platform/mail/mailer.ts";
import type { Cron, DomainModule } from "../../platform/module.ts";
import type { Logger } from "../../platform/observe/logger.ts";
import type { Nudges } from "../../platform/realtime/nudges.ts";
import type { RateLimiter } from "../../platform/redis/rate-limiter.ts";
import type { SmsSender } from "../../platform/sms/sms-sender.ts";
import { AccountResolver } from "./accounts/account.resolver.ts";
import { registerAccountRoutes } from "./accounts/account.routes.ts";
import { AccountService } from "./accounts/account.service.ts";
import { AuthEventRepository } from "./accounts/auth-event.repository.ts";
import { seedDemoUsers } from "./accounts/demo-users.ts";
import { EmailTokenRepository } from "./accounts/email-token.repository.ts";
import { MailboxLimit } from "./accounts/mailbox-limit.ts";
import { PasswordHasher } from "./accounts/password-hasher.ts";
import { createUserLoaders } from "./accounts/user.loaders.ts";
import { TimeZoneRepository } from "./accounts/time-zone.repository.ts";
import { UserRepository } from "./accounts/user.repository.ts";
import { UserService } from "./accounts/user.service.ts";
import { ViewerResolver } from "./accounts/viewer.resolver.ts";
import { AddressRepository } from "./addresses/address.repository.ts";
import { AddressResolver } from "./addresses/address.resolver.ts";
import { AddressService } from "./addresses/address.service.ts";
import { CleanupRepository } from "./cleanup.repository.ts";
import { createIdentityPersonalData } from "./identity.personal-data.ts";
import { UserImportRepository } from "./imports/user-import.repository.ts";
import { UserImportService } from "./imports/user-import.service.ts";
import { EmailLinks } from "./links/email-links.ts";
import { LinkResolver } from "./links/link.resolver.ts";
import { LinkService } from "./links/link.service.ts";
import { SignInMethodRepository } from "./links/sign-in-method.repository.ts";
import { UnlinkResolver } from "./links/unlink.resolver.ts";
import { UnlinkService } from "./links/unlink.service.ts";
import { MailOutboxRepository } from "./mails/mail-outbox.repository.ts";
import { OutgoingMailService } from "./mails/outgoing-mail.service.ts";
import { OpenIdAccounts } from "./open-id/open-id-accounts.ts";
import type { OpenIdProvider } from "./open-id/open-id.ports.ts";
import { OpenIdRepository } from "./open-id/open-id.repository.ts";
import { OpenIdResolver } from "./open-id/open-id.resolver.ts";
import { registerOpenIdRoutes } from "./open-id/open-id.routes.ts";
import { OpenIdService } from "./open-id/open-id.service.ts";
import { PasswordResolver } from "./passwords/password.resolver.ts";
import { PasswordService } from "./passwords/password.service.ts";
import { registerResetRoutes } from "./passwords/reset.routes.ts";
import { PersonRepository } from "./person.repository.ts";
import { createPersonsModule, type PersonsNeeds } from "./persons.module.ts";
import { PhoneCodeRepository } from "./phones/phone-code.repository.ts";
import { PhoneCodes } from "./phones/phone-codes.ts";
import { PhoneResolver } from "./phones/phone.resolver.ts";
import { PhoneService } from "./phones/phone.service.ts";
import { PictureResolver } from "./pictures/picture.resolver.ts";
import { PictureService } from "./pictures/picture.service.ts";
import { AccessTokens } from "./sessions/access-tokens.ts";
import { DenyList } from "./sessions/deny-list.ts";
import { DeviceRepository } from "./sessions/device.repository.ts";
import { OwnerProof } from "./sessions/owner-proof.ts";
import { SessionAuthenticator, SessionRowEndings } from "./sessions/session-authenticator.ts";
import { SessionRepository } from "./sessions/session.repository.ts";
import {
  ActiveSessionResolver,
  SessionResolver,
  ViewerSessionsResolver,
} from "./sessions/session.resolver.ts";
import { SessionService } from "./sessions/session.service.ts";
import { SignInService } from "./sessions/sign-in.service.ts";
import { UploadRepository } from "./uploads/upload.repository.ts";
import { UploadResolver } from "./uploads/upload.resolver.ts";
import { UploadService } from "./uploads/upload.service.ts";

/** What identity needs from the program. */
export interface IdentityDeps {
  readonly uow: UnitOfWork;
  readonly events: DomainEvents;
  readonly database: Database;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: Logger;
  readonly nudges: Nudges;
  /** Null when every process shares nothing but PostgreSQL. */
  readonly redis: Redis | null;
  readonly rateLimiter: RateLimiter;
  readonly mailer: Mailer;
  /** Null when nobody may sign in by phone. */
  readonly sms: SmsSender | null;
  /** Null when nobody may sign in with Google. */
  readonly google: OpenIdProvider | null;
  /** Web origins that a browser may end at after signing in, beside our own. */
  readonly allowedOrigins: readonly string[];
  readonly blobs: BlobStore;
  readonly secretKey: string;
  /** How clients reach this server, without a trailing slash. */
  readonly publicUrl: string;
  readonly accessTokenSeconds: number;
  readonly refreshTokenSeconds: number;
  readonly verificationTokenSeconds: number;
  readonly resetTokenSeconds: number;
  readonly limits: IdentityLimits;
}

export interface IdentityLimits {
  /** Sign-in tries per address of the caller and minute. */
  readonly loginsPerMinute: number;
  /** Failed sign-ins per account in 15 minutes. */
  readonly failedLoginsPerAccount: number;
  /** New accounts by e-mail per address of the caller and hour. */
  readonly registrationsPerHour: number;
  /** Codes by text message per phone, and per address of the caller, in an hour. */
  readonly codesPerHour: number;
  /** Tickets for pictures that a user may have without using them. */
  readonly unusedUploads: number;
  /** Passwords hashed at once, default 2. */
  readonly concurrentPasswordHashes?: number;
}

/** Identity, put together. */
export interface IdentityModule extends DomainModule {
  readonly authenticator: Authenticator;
  readonly sessionEndings: SessionEndings;
  readonly uploads: UploadService;
  readonly users: UserService;
  /** What goes through all domains: merging guests, exporting and deleting people. */
  persons(needs: PersonsNeeds): DomainModule;
  /** Keeps an open session from ending until the transaction does; false when it has ended. */
  holdSession(tx: Tx, sessionId: string): Promise<boolean>;
  /** Adds the demo users that are missing. Never call it where strangers can sign in. */
  seedDemoUsers(): Promise<void>;
  /** Adds users of older systems; see `UserImportService.run`. */
  readonly importUsers: UserImportService["run"];
  /** Lets go of timers. */
  close(): void;
}

/** Users, sign-in, sessions and uploads. */
export function createIdentityModule(deps: IdentityDeps): IdentityModule {
  const rows = rowsOf(deps);
  const services = servicesOf(deps, rows);
  const { uow, ids } = deps;
  const { parts, accounts, passwords, openId, hasher, users, uploads } = services;
  registerViewerNode();
  return {
    resolvers: resolversOf(services),
    loaders: () => createUserLoaders(rows.users),
    routes: (app) => {
      registerAccountRoutes(app, accounts);
      registerResetRoutes(app, passwords);
      registerOpenIdRoutes(app, openId, deps.publicUrl);
    },
    crons: cronsOf(deps, services),
    personalData: createIdentityPersonalData({ ...deps, ...rows }),
    persons: services.persons,
    authenticator: parts.authenticator,
    sessionEndings: parts.sessionEndings,
    uploads,
    users,
    holdSession: (tx, sessionId) => parts.sessions.hold(tx, sessionId),
    seedDemoUsers: () => seedDemoUsers({ uow, users: rows.users, passwords: hasher, ids }),
    importUsers: (lines, options) => services.imports.run(lines, options),
    close: () => parts.denyList.close(),
  };
}

const rowsOf = ({ database, ids }: IdentityDeps) => ({
  methods: new SignInMethodRepository(database),
  users: new UserRepository(database),
  authEvents: new AuthEventRepository(() => ids.next("aev")),
  emailTokens: new EmailTokenRepository(),
  devices: new DeviceRepository(database),
  phoneCodes: new PhoneCodeRepository(),
  openIds: new OpenIdRepository(),
  persons: new PersonRepository(database),
});

function servicesOf(deps: IdentityDeps, rows: ReturnType<typeof rowsOf>) {
  const { database } = deps;
  const hasher = passwordHasher(deps.limits);
  const mails = new OutgoingMailService({ ...deps, outbox: new MailOutboxRepository(database) });
  const parts = sessionParts(deps, rows.authEvents);
  const { sessions } = parts;
  const mailboxes = new MailboxLimit(deps.rateLimiter, deps.secretKey);
  const base = { ...deps, ...deps.limits, ...rows, passwords: hasher, sessions, mails, mailboxes };
  const codes = new PhoneCodes(base);
  const phones = new PhoneService({ ...base, codes });
  const openIdAccounts = new OpenIdAccounts(base);
  const emailLinks = new EmailLinks(base);
  const all = { ...base, codes, phones, openIdAccounts, emailLinks };
  const openId = new OpenIdService(all);
  const ownerProof = new OwnerProof(base);
  const uploads = new UploadService({
    ...deps,
    ...deps.limits,
    uploads: new UploadRepository(database),
  });
  return {
    hasher,
    mails,
    parts,
    sessions,
    signIn: new SignInService(all),
    accounts: new AccountService(all),
    passwords: new PasswordService(all),
    phones,
    openId,
    links: new LinkService({ ...all, openId }),
    unlinks: new UnlinkService({ ...all, ownerProof }),
    imports: new UserImportService({ ...deps, imports: new UserImportRepository(database) }),
    users: new UserService(deps.uow, rows.users, deps.clock, new TimeZoneRepository(database)),
    uploads,
    addresses: new AddressService(deps.uow, new AddressRepository(database), deps.ids),
    pictures: new PictureService({ ...all, uploads }),
    persons: (needs: PersonsNeeds) => createPersonsModule({ ...all, ...needs, ownerProof }),
  };
}

type Services = ReturnType<typeof servicesOf>;

const resolversOf = (services: Services) => [
  new AccountResolver(services.accounts),
  new PasswordResolver(services.passwords),
  new PhoneResolver(services.phones),
  new OpenIdResolver(services.openId),
  new ViewerResolver(services.users),
  new LinkResolver(services.links),
  new UnlinkResolver(services.unlinks),
  new AddressResolver(services.addresses),
  new PictureResolver(services.pictures),
  new SessionResolver(services.signIn, services.sessions),
  new ViewerSessionsResolver(services.sessions),
  new ActiveSessionResolver(),
  new UploadResolver(services.uploads),
];

function cronsOf({ database, clock }: IdentityDeps, { mails, uploads }: Services): Cron[] {
  const cleanup = new CleanupRepository(database);
  return [
    { name: "send_due_mail", pattern: "* * * * *", run: () => mails.sendDue() },
    { name: "remove_old_uploads", pattern: "17 * * * *", run: () => uploads.removeOld() },
    {
      name: "remove_old_sign_in_rows",
      pattern: "41 3 * * *",
      run: () => cleanup.deleteOld(clock.now()),
    },
  ];
}

function sessionParts(deps: IdentityDeps, authEvents: AuthEventRepository) {
  const rows = new SessionRepository(deps.database);
  const accessTokens = new AccessTokens({
    secretKey: deps.secretKey,
    lifeSeconds: deps.accessTokenSeconds,
    clock: deps.clock,
  });
  const denyList = new DenyList({ ...deps, endedSince: (since) => rows.endedSince(since) });
  return {
    denyList,
    sessions: new SessionService({ ...deps, sessions: rows, authEvents, accessTokens, denyList }),
    authenticator: new SessionAuthenticator(accessTokens, denyList, rows),
    sessionEndings: new SessionRowEndings(rows),
  };
}

const passwordHasher = ({ concurrentPasswordHashes }: IdentityLimits): PasswordHasher =>
  new PasswordHasher(
    concurrentPasswordHashes === undefined ? {} : { maxConcurrent: concurrentPasswordHashes },
  );

/** A viewer can be fetched again by the viewer alone. */
function registerViewerNode(): void {
  registerNodeSource({
    prefix: "usr",
    typeName: "Viewer",
    load: async (context, ids) => {
      const { userId } = signedIn(context);
      const own = ids.includes(userId) ? await context.loaders.user.load(userId) : null;
      return ids.map((id) => (id === userId ? own : null));
    },
  });
}
