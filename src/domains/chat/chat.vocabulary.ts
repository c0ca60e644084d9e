import { registerEnumType } from "type-graphql";

/** Whom a chatroom is with. A further assistant is a value here and an entry of `Assistants`. */
export const ChatAssistants = { GENERAL: "GENERAL", PAL: "PAL" } as const;
export type ChatAssistant = keyof typeof ChatAssistants;

/** How a reply ended that has succeeded. */
export const ChatReplyEndings = {
  COMPLETE: "COMPLETE",
  STOPPED: "STOPPED",
  LENGTH: "LENGTH",
} as const;
export type ChatReplyEnding = keyof typeof ChatReplyEndings;

registerEnumType(ChatAssistants, {
  name: "ChatAssistant",
  description: "Whom a chatroom is with.",
  valuesConfig: {
    GENERAL: { description: "Answers questions of any kind." },
    PAL: {
      description:
        "Answers questions about the user's own skin: knows the latest analyses and the open goals, as they are when it answers.",
    },
  },
});

registerEnumType(ChatReplyEndings, {
  name: "ChatReplyEnding",
  description: "How a reply ended that has succeeded.",
  valuesConfig: {
    COMPLETE: { description: "The assistant had said everything." },
    STOPPED: { description: "The user stopped it; what had come by then is the reply." },
    LENGTH: { description: "It was as long as replies may be and ends in the middle." },
  },
});

/** Kind of the jobs that write replies. */
export const CHAT_REPLY = "CHAT_REPLY";
/** Topic of the feed for chatrooms: made, renamed, deleted. */
export const CHATROOM_TOPIC = "CHATROOM";
/** Topic of the feed for what users write; replies move as jobs do. */
export const CHAT_MESSAGE_TOPIC = "CHAT_MESSAGE";

export const CHATROOM_PREFIX = "cht";
export const MESSAGE_PREFIX = "msg";
export const REPLY_PREFIX = "rpl";

/** What a chatroom is called until its first exchange gives it a title. */
export const UNTITLED = "New chat";

/** The topic that is nudged when a message is added to a room. */
export const roomTopic = (roomId: string): string => `chatroom:${roomId}`;
/** The topic that is nudged when the text of a reply grows or ends. */
export const replyTopic = (replyId: string): string => `reply:${replyId}`;
/** The topic that is nudged when somebody stops a reply. */
export const stopTopic = (replyId: string): string => `stop-reply:${replyId}`;

/** Failures after which no part of the text may stay on a screen. */
export const WITHDRAWING_FAILURES: ReadonlySet<string> = new Set([
  "REPLY_BLOCKED",
  "REPLY_BLOCKLISTED",
  "REPLY_PROHIBITED",
  "REPLY_PERSONAL_DATA",
  "REPLY_RECITATION",
]);
