import {
  Arg,
  Args,
  Authorized,
  Ctx,
  FieldResolver,
  ID,
  Mutation,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import {
  connectionOf,
  PageArgs,
  pageRequest,
  type Connection,
} from "../../../platform/graphql/connection.ts";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import { Viewer } from "../../identity/index.ts";
import {
  CreateChatroomInput,
  CreateChatroomPayload,
  DeleteChatroomInput,
  DeleteChatroomPayload,
  RenameChatroomInput,
  RenameChatroomPayload,
} from "../chat.inputs.ts";
import { shown } from "../chat.resolver.ts";
import type { ChatService } from "../chat.service.ts";
import { Chatroom, ChatMessageConnection, ChatroomConnection } from "../chat.types.ts";
import type { Chatroom as ChatroomRow } from "./rooms.repository.ts";
import type { RoomsService } from "./rooms.service.ts";

const BY_ACTIVITY = "chatroom.active";
const BY_SEQ = "message.seq";

/** Making, naming, listing and deleting chatrooms. */
@Resolver(() => Viewer)
export class RoomsResolver {
  constructor(private readonly rooms: RoomsService) {}

  @Authorized()
  @Mutation(() => CreateChatroomPayload, { description: "Makes a chatroom." })
  createChatroom(
    @Arg("input", () => CreateChatroomInput, { description: "Its name and whom it is with." })
    input: CreateChatroomInput,
    @Ctx() context: Context,
  ): Promise<CreateChatroomPayload> {
    const { name = null, assistant, idempotencyKey = null } = input;
    return payload(CreateChatroomPayload, async () => ({
      chatroom: await this.rooms.create(signedIn(context).userId, {
        name,
        assistant,
        idempotencyKey,
      }),
    }));
  }

  @Authorized()
  @Mutation(() => RenameChatroomPayload, { description: "Gives a chatroom another name." })
  renameChatroom(
    @Arg("input", () => RenameChatroomInput, { description: "Which one, and the name." })
    input: RenameChatroomInput,
    @Ctx() context: Context,
  ): Promise<RenameChatroomPayload> {
    return payload(RenameChatroomPayload, async () => ({
      chatroom: await this.rooms.rename(signedIn(context).userId, input.id, input.name),
    }));
  }

  @Authorized()
  @Mutation(() => DeleteChatroomPayload, {
    description: "Deletes a chatroom with all its messages; replies are canceled.",
  })
  deleteChatroom(
    @Arg("input", () => DeleteChatroomInput, { description: "Which one." })
    input: DeleteChatroomInput,
    @Ctx() context: Context,
  ): Promise<DeleteChatroomPayload> {
    return payload(DeleteChatroomPayload, async () => ({
      deletedId: await this.rooms.delete(signedIn(context).userId, input.id),
    }));
  }

  @Authorized()
  @Query(() => Chatroom, {
    nullable: true,
    description: "One chatroom; null when it does not exist or is not yours.",
  })
  chatroom(
    @Arg("id", () => ID, { description: "The chatroom." }) id: string,
    @Ctx() context: Context,
  ): Promise<ChatroomRow | null> {
    return this.rooms.find(signedIn(context).userId, id);
  }

  @FieldResolver(() => ChatroomConnection, {
    description: "The user's chatrooms, the most recently active first.",
  })
  async chatrooms(
    @Args(() => PageArgs) args: PageArgs,
    @Root() { id }: Viewer,
  ): Promise<Connection<ChatroomRow>> {
    const page = pageRequest(args, BY_ACTIVITY, 2);
    const rows = await this.rooms.page(id, page);
    return connectionOf(rows, page, BY_ACTIVITY, (room) => [room.activeAt.toISOString(), room.id]);
  }
}

/** What was said in a room. */
@Resolver(() => Chatroom)
export class ChatroomResolver {
  constructor(private readonly chat: ChatService) {}

  @FieldResolver(() => ChatMessageConnection, {
    description: "Messages and replies, oldest first; ask for the `last` ones.",
  })
  async messages(
    @Args(() => PageArgs) args: PageArgs,
    @Root() room: ChatroomRow,
    @Ctx() context: Context,
  ): Promise<Connection<object>> {
    const page = pageRequest(args, BY_SEQ);
    const rows = await this.chat.page(room.id, page);
    const { edges, pageInfo } = connectionOf(rows, page, BY_SEQ, ({ seq }) => [seq]);
    const there = await Promise.all(
      edges.map(async ({ cursor, node }) => ({ cursor, node: await shown(context, node) })),
    );
    const found = there.filter((edge): edge is { cursor: string; node: object } => !!edge.node);
    return { edges: found, nodes: found.map(({ node }) => node), pageInfo };
  }
}
