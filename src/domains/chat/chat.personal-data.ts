import type { UnitOfWork } from "../../platform/db/unit-of-work.ts";
import type { PersonalData } from "../../platform/module.ts";
import type { MessagesRepository } from "./messages.repository.ts";
import type { RoomsRepository } from "./rooms/rooms.repository.ts";
import type { RoomsService } from "./rooms/rooms.service.ts";

/** How what people have said is handed over, moved and forgotten. */
export function createChatPersonalData(dependencies: {
  readonly unitOfWork: UnitOfWork;
  readonly rooms: RoomsRepository;
  readonly messages: MessagesRepository;
  readonly roomsService: RoomsService;
}): PersonalData {
  const { unitOfWork, rooms, messages, roomsService } = dependencies;
  return {
    name: "chat",
    tables: ["chat_room_lists", "chat_rooms"],
    export: async (userId) => {
      const own = await rooms.ofUser(userId);
      const said = await messages.ofRooms(own.map(({ id }) => id));
      return own.map(({ id, name, assistant, createdAt }) => ({
        id,
        name,
        assistant,
        createdAt,
        messages: said
          .filter(({ roomId }) => roomId === id)
          .map(({ seq, role, content, createdAt: saidAt }) => ({ seq, role, content, saidAt })),
      }));
    },
    merge: async (tx, { fromUserId, toUserId }) => {
      const chatrooms = await rooms.moveAll(tx, fromUserId, toUserId);
      await rooms.listChanged(tx, fromUserId);
      await rooms.listChanged(tx, toUserId);
      return { chatrooms };
    },
    erase: async (userId) => {
      for (const { id } of await rooms.ofUser(userId)) {
        await unitOfWork.run(async (tx) => {
          const room = await rooms.lock(tx, userId, id);
          if (room) await roomsService.remove(tx, room);
        });
      }
      await rooms.forgetList(userId);
    },
  };
}
