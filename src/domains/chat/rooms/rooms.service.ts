import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Feed } from "../../../platform/events/feed.ts";
import { rowsToFetch, type PageRequest } from "../../../platform/graphql/connection.ts";
import { badUserInput, notFound } from "../../../platform/graphql/errors.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import { Idempotency } from "../../../platform/jobs/idempotency.ts";
import type { JobRepository } from "../../../platform/jobs/job.repository.ts";
import type { Jobs } from "../../../platform/jobs/jobs.ts";
import { merged } from "../../../platform/realtime/merged.ts";
import type { Nudges } from "../../../platform/realtime/nudges.ts";
import type { VersionedCache } from "../../../platform/redis/versioned-cache.ts";
import { refuseRoom } from "../chat.problems.ts";
import {
  CHATROOM_PREFIX,
  CHATROOM_TOPIC,
  roomTopic,
  UNTITLED,
  type ChatAssistant,
} from "../chat.vocabulary.ts";
import type { RepliesRepository } from "../replies/replies.repository.ts";
import type { Chatroom, PlainChatroom, RoomsRepository } from "./rooms.repository.ts";

const MAX_NAME = 100;
const MAX_ROOMS = 500;

export interface RoomsDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly rooms: RoomsRepository;
  readonly replies: RepliesRepository;
  readonly jobs: Jobs;
  readonly jobRepository: JobRepository;
  readonly idempotency: Idempotency;
  readonly ids: Ids;
  readonly feed: Feed;
  readonly nudges: Nudges;
  readonly cache: VersionedCache<readonly PlainChatroom[]>;
}

/** Makes, names, lists and deletes chatrooms. */
export class RoomsService {
  /** Merges the looks at versions that many requests take at once. */
  private readonly versionOf: (userId: string) => Promise<string>;

  constructor(private readonly dependencies: RoomsDependencies) {
    this.versionOf = merged(async (userIds) => {
      const versions = await dependencies.rooms.listVersions(userIds);
      return userIds.map((userId) => versions.get(userId) ?? "0");
    });
  }

  /** Makes a room; without a name its first exchange names it. Refuses with CHATROOM_LIMIT_REACHED. */
  async create(
    userId: string,
    wish: {
      name: string | null;
      assistant: ChatAssistant;
      idempotencyKey: string | null;
    },
  ): Promise<Chatroom> {
    const { unitOfWork, rooms, idempotency, ids } = this.dependencies;
    const { idempotencyKey: key, ...input } = wish;
    Idempotency.checkKey(key);
    const name = wish.name === null ? null : checkedName(wish.name);
    const call = { userId, key, operation: "createChatroom", input };
    const { id } = await unitOfWork.run((tx) =>
      idempotency.once(tx, call, async () => {
        const room = {
          id: ids.next(CHATROOM_PREFIX),
          userId,
          name: name ?? UNTITLED,
          isNamed: name !== null,
          assistant: wish.assistant,
        };
        // The list's row is locked first, so that nobody makes two last rooms.
        await rooms.listChanged(tx, userId);
        if ((await rooms.count(tx, userId)) >= MAX_ROOMS) refuseRoom(MAX_ROOMS);
        await rooms.add(tx, room);
        await this.tell(tx, { ...room, version: 1 });
        return { id: room.id };
      }),
    );
    return this.owned(userId, id);
  }

  /** @throws NOT_FOUND */
  async rename(userId: string, id: string, name: string): Promise<Chatroom> {
    const { unitOfWork, rooms } = this.dependencies;
    const checked = checkedName(name);
    return unitOfWork.run(async (tx) => {
      if (!(await rooms.lock(tx, userId, id))) throw notFound("The chatroom");
      const room = await rooms.rename(tx, id, checked, false);
      if (!room) throw notFound("The chatroom");
      await this.tell(tx, room);
      return room;
    });
  }

  /** Gives a room the title that its first exchange suggests, if it has no name yet. */
  async entitle(tx: Tx, id: string, name: string): Promise<void> {
    const room = await this.dependencies.rooms.rename(tx, id, name, true);
    if (room) await this.tell(tx, room);
  }

  /** Deletes a room with everything in it; replies that are being written are canceled. @throws NOT_FOUND */
  async delete(userId: string, id: string): Promise<string> {
    const { unitOfWork } = this.dependencies;
    await unitOfWork.run(async (tx) => {
      const room = await this.dependencies.rooms.lock(tx, userId, id);
      if (!room) throw notFound("The chatroom");
      await this.remove(tx, room);
    });
    return id;
  }

  /** The same in a transaction; the room must be locked. */
  async remove(tx: Tx, room: Chatroom): Promise<void> {
    const { rooms, replies, jobs, jobRepository } = this.dependencies;
    // The last one first, so that none of them gets its turn by the end of the one before.
    for (const replyId of await replies.unfinishedOf(tx, room.id)) {
      const job = await jobRepository.lockOwned(tx, room.userId, replyId);
      if (!job) continue;
      await jobRepository.dequeue(tx, replyId);
      await jobs.end(tx, job, "CANCELED");
    }
    await rooms.remove(tx, room.id);
    await rooms.listChanged(tx, room.userId);
    await this.tell(tx, { ...room, version: room.version + 1 });
  }

  /** A page of a user's rooms, the most recently active first: from Redis, unless anything in the list has changed since. */
  async page(userId: string, page: PageRequest): Promise<Chatroom[]> {
    const { rooms, cache } = this.dependencies;
    const version = await this.versionOf(userId);
    if (version === "0") return [];
    const beyond = beyondOf(page);
    const key = JSON.stringify([userId, rowsToFetch(page), page.backward, beyond]);
    const found = await cache.read(key, version, () => rooms.page(userId, { ...page, beyond }));
    return found.map((room) => ({
      ...room,
      createdAt: new Date(room.createdAt),
      activeAt: new Date(room.activeAt),
    }));
  }

  /** The room if it is this user's, else null. */
  async find(userId: string, id: string): Promise<Chatroom | null> {
    const room = (await this.dependencies.rooms.byIds([id]))[0];
    return room?.userId === userId ? room : null;
  }

  /** Puts a change of a room into its owner's feed, and nudges those who follow its messages. */
  async tell(tx: Tx, room: Pick<Chatroom, "id" | "userId" | "version">): Promise<void> {
    const { feed, nudges } = this.dependencies;
    await feed.append(tx, room.userId, {
      topic: CHATROOM_TOPIC,
      refId: room.id,
      version: room.version,
    });
    tx.afterCommit(() => {
      nudges.send(roomTopic(room.id));
    });
  }

  private async owned(userId: string, id: string): Promise<Chatroom> {
    const room = await this.find(userId, id);
    if (!room) throw notFound("The chatroom");
    return room;
  }
}

function checkedName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === "" || Array.from(trimmed).length > MAX_NAME) {
    throw badUserInput(`A name has 1 to ${MAX_NAME} characters.`, ["input", "name"]);
  }
  return trimmed;
}

function beyondOf({ beyond }: PageRequest): [string, string] | null {
  if (beyond === null) return null;
  const [activeAt, id] = beyond.map(String);
  if (activeAt === undefined || id === undefined || Number.isNaN(Date.parse(activeAt))) {
    throw badUserInput("This cursor does not belong to this list.", ["after"]);
  }
  return [activeAt, id];
}
