export { createCachePolicies, FacetCache, type CachePolicies } from "./cache.ts";
export { createFacetClient, type FacetClient, type FacetClientOptions } from "./facet-client.ts";
export { StoredOperations, type OperationManifest } from "./manifest-link.ts";
export { createRefresh, storedSession, type IssuedSession } from "./refresh.ts";
export { ReplyText, type ReplyTextFrame } from "./reply-text.ts";
export { createResumeLink, type ResumeLinkOptions } from "./resume-link.ts";
export {
  memorySessionStore,
  SessionKeeper,
  type SessionKeeperOptions,
  type SessionStore,
  type StoredSession,
} from "./session-keeper.ts";
export { createSessionLink } from "./session-link.ts";
export {
  createSocketClient,
  type SocketClient,
  type SocketClientOptions,
  type SocketStatus,
} from "./socket-client.ts";
export {
  uploadPicture,
  UploadRefused,
  type UploadPictureOptions,
  type UploadTicket,
} from "./upload.ts";
