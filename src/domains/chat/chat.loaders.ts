import type DataLoader from "dataloader";
import { oneByKey } from "../../platform/graphql/loaders.ts";
import type { ChatMessage, MessagesRepository } from "./messages.repository.ts";
import type { RepliesRepository, ReplyState } from "./replies/replies.repository.ts";
import type { Chatroom, RoomsRepository } from "./rooms/rooms.repository.ts";

declare module "../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** Rooms by id. Does not judge ownership. */
    chatroom: DataLoader<string, Chatroom | null>;
    /** Messages by id, with the owner of their room. Does not judge ownership. */
    chatMessage: DataLoader<string, (ChatMessage & { userId: string }) | null>;
    /** Replies by id, with their text so far. Does not judge ownership. */
    chatReply: DataLoader<string, ReplyState | null>;
  }
}

/** The loaders of one operation. */
export const createChatLoaders = (
  rooms: RoomsRepository,
  messages: MessagesRepository,
  replies: RepliesRepository,
) => ({
  chatroom: oneByKey<string, Chatroom>(
    (ids) => rooms.byIds(ids),
    (room) => room.id,
  ),
  chatMessage: oneByKey<string, ChatMessage & { userId: string }>(
    (ids) => messages.byIds(ids),
    (message) => message.id,
  ),
  chatReply: oneByKey<string, ReplyState>(
    (ids) => replies.byIds(ids),
    (reply) => reply.id,
  ),
});
