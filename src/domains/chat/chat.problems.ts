import { problem, refuse, registerProblemCodes } from "../../platform/graphql/problems.ts";

registerProblemCodes({
  CHATROOM_LIMIT_REACHED: "The user has as many chatrooms as one may have.",
  CHATROOM_BUSY:
    "So many replies of the chatroom are still to be written that it takes no message.",
  REPLY_NOT_LAST: "Only the last reply of a chatroom can be written anew, once it has ended.",
});

/** Refuses one more room. */
export function refuseRoom(limit: number): never {
  refuse(problem("CHATROOM_LIMIT_REACHED", `You have ${limit} chats. Delete one first.`));
}

/** Refuses a message to a room in which so many replies wait. */
export function refuseMessage(waiting: number): never {
  refuse(
    problem("CHATROOM_BUSY", `${waiting} replies are still to be written. Wait for them first.`, [
      "input",
      "chatroomId",
    ]),
  );
}

/** Refuses to write a reply anew. */
export function refuseRegeneration(): never {
  refuse(
    problem("REPLY_NOT_LAST", "Only the last reply can be written anew, once it has ended.", [
      "input",
      "messageId",
    ]),
  );
}
