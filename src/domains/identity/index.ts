export { createIdentityModule } from "./identity.module.ts";
export type { IdentityDeps, IdentityLimits, IdentityModule } from "./identity.module.ts";
export { DEMO_PASSWORD, DEMO_USERS } from "./accounts/demo-users.ts";
export { SkinTypes, type SkinType } from "./accounts/user.vocabulary.ts";
export type { User } from "./accounts/user.repository.ts";
export type { UserService } from "./accounts/user.service.ts";
export { Viewer } from "./accounts/viewer.types.ts";
export type { UploadPurpose, UploadRow } from "./uploads/upload.repository.ts";
export type { UploadService } from "./uploads/upload.service.ts";
