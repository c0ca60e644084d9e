/** The demo cannot go on, for a reason that a person understands. */
export class DemoFailed extends Error {}
