/**
 * The live streams behind subscriptions. Each domain adds its own by declaration merging
 * (`declare module "../../platform/graphql/streams.ts" { interface Streams { … } }`);
 * a subscription opens one through `context.streams`.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface Streams {}
