export { createIdentityModule } from "./identity.module.ts";
export type { IdentityDeps, IdentityLimits, IdentityModule } from "./identity.module.ts";
export { SESSIONS_ENDED } from "./identity.events.ts";
export { DEMO_PASSWORD, DEMO_USERS } from "./accounts/demo-users.ts";
export {
  GeneratedUserRepository,
  type GeneratedUser,
} from "./accounts/generated-user.repository.ts";
export { SkinTypes, type SkinType } from "./accounts/user.vocabulary.ts";
export { IMPORT_COLUMNS } from "./imports/import-row.ts";
export { ImportUnusable } from "./imports/user-import.service.ts";
export type { ImportOutcome, ImportSummary } from "./imports/user-import.service.ts";
export type { User } from "./accounts/user.repository.ts";
export type { UserService } from "./accounts/user.service.ts";
export { Viewer } from "./accounts/viewer.types.ts";
export { PictureJobs } from "./uploads/picture-jobs.ts";
export type { UploadPurpose, UploadRow } from "./uploads/upload.repository.ts";
export { MAX_UPLOAD_BYTES, type UploadService } from "./uploads/upload.service.ts";
