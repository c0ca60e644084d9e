import { problem, refuse, registerProblemCodes } from "../../platform/graphql/problems.ts";

registerProblemCodes({
  CHATROOM_LIMIT_REACHED: "The user has as many chatrooms as one may have.",
  REPLY_NOT_LAST: "Only the last reply of a chatroom can be written anew, once it has ended.",
});

/** Refuses one more room. */
export function refuseRoom(limit: number): never {
  refuse(problem("CHATROOM_LIMIT_REACHED", `You have ${limit} chats. Delete one first.`));
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
