import { Arg, Args, Authorized, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import {
  connectionOf,
  PageArgs,
  pageRequest,
  type Connection,
} from "../../../platform/graphql/connection.ts";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import type { User } from "../accounts/user.repository.ts";
import { Viewer } from "../accounts/viewer.types.ts";
import { callerOf } from "../caller.ts";
import type { SessionRow } from "./session.repository.ts";
import type { IssuedSession, SessionService } from "./session.service.ts";
import {
  ActiveSession,
  ActiveSessionConnection,
  EndSessionInput,
  EndSessionPayload,
  LoginWithDeviceInput,
  LoginWithDevicePayload,
  LoginWithPasswordInput,
  LoginWithPasswordPayload,
  LogoutAllInput,
  LogoutAllPayload,
  LogoutInput,
  LogoutPayload,
  RefreshSessionInput,
  RefreshSessionPayload,
  Session,
} from "./session.types.ts";
import type { SignInService } from "./sign-in.service.ts";

const NEWEST_FIRST = "sessions";

@Resolver(() => Session)
export class SessionResolver {
  constructor(
    private readonly signIn: SignInService,
    private readonly sessions: SessionService,
  ) {}

  @Mutation(() => LoginWithPasswordPayload, {
    description: "Signs in by e-mail address or phone, and password.",
  })
  loginWithPassword(
    @Arg("input", () => LoginWithPasswordInput, { description: "The credentials." })
    { identifier, password }: LoginWithPasswordInput,
    @Ctx() context: Context,
  ): Promise<LoginWithPasswordPayload> {
    return payload(LoginWithPasswordPayload, async () => ({
      session: await this.signIn.loginWithPassword(identifier, password, callerOf(context)),
    }));
  }

  @Mutation(() => LoginWithDevicePayload, {
    description: "Signs in by device; the first time it makes a guest.",
  })
  loginWithDevice(
    @Arg("input", () => LoginWithDeviceInput, { description: "The device." })
    input: LoginWithDeviceInput,
    @Ctx() context: Context,
  ): Promise<LoginWithDevicePayload> {
    const proof = { ...input, language: context.language };
    return payload(LoginWithDevicePayload, async () => ({
      session: await this.signIn.loginWithDevice(proof, callerOf(context)),
    }));
  }

  @Mutation(() => RefreshSessionPayload, {
    description: "Exchanges a refresh token for new tokens. Using one twice ends the session.",
  })
  refreshSession(
    @Arg("input", () => RefreshSessionInput, { description: "The token." })
    { refreshToken }: RefreshSessionInput,
    @Ctx() context: Context,
  ): Promise<RefreshSessionPayload> {
    return payload(RefreshSessionPayload, async () => ({
      session: await this.sessions.refresh(refreshToken, callerOf(context)),
    }));
  }

  @Authorized()
  @Mutation(() => LogoutPayload, { description: "Ends the session that asks, at once." })
  logout(
    @Arg("input", () => LogoutInput, { description: "Nothing has to be given." })
    { clientMutationId }: LogoutInput,
    @Ctx() context: Context,
  ): Promise<LogoutPayload> {
    return payload(LogoutPayload, async () => {
      await this.sessions.logout(signedIn(context), callerOf(context));
      return { clientMutationId: clientMutationId ?? null };
    });
  }

  @Authorized()
  @Mutation(() => LogoutAllPayload, { description: "Ends all sessions of the viewer." })
  logoutAll(
    @Arg("input", () => LogoutAllInput, { description: "Which sessions." })
    { keepCurrent }: LogoutAllInput,
    @Ctx() context: Context,
  ): Promise<LogoutAllPayload> {
    return payload(LogoutAllPayload, async () => ({
      endedCount: await this.sessions.logoutAll(signedIn(context), keepCurrent, callerOf(context)),
    }));
  }

  @Authorized()
  @Mutation(() => EndSessionPayload, { description: "Ends one session of the viewer." })
  endSession(
    @Arg("input", () => EndSessionInput, { description: "Which session." })
    { sessionId }: EndSessionInput,
    @Ctx() context: Context,
  ): Promise<EndSessionPayload> {
    return payload(EndSessionPayload, async () => {
      await this.sessions.endSession(signedIn(context), sessionId, callerOf(context));
      return { sessionId };
    });
  }

  @FieldResolver(() => Viewer, { description: "Whom the session belongs to." })
  async viewer(@Root() session: IssuedSession, @Ctx() { loaders }: Context): Promise<User> {
    const user = await loaders.user.load(session.userId);
    if (!user) throw new Error("The user of a new session is gone.");
    return user;
  }
}

@Resolver(() => Viewer)
export class ViewerSessionsResolver {
  constructor(private readonly service: SessionService) {}

  @FieldResolver(() => ActiveSessionConnection, {
    description: "Where this user is signed in, newest first.",
  })
  async sessions(
    @Root() user: User,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<SessionRow>> {
    const request = pageRequest(page, NEWEST_FIRST);
    const rows = await this.service.openSessionsOf(user.id, request);
    return connectionOf(rows, request, NEWEST_FIRST, (row) => [row.id]);
  }
}

@Resolver(() => ActiveSession)
export class ActiveSessionResolver {
  @FieldResolver(() => Boolean, { description: "Whether it is the session that asks." })
  current(@Root() session: SessionRow, @Ctx() context: Context): boolean {
    return session.id === context.signedIn?.sessionId;
  }
}
