import type { z } from "zod";
import type { Clock } from "../../../platform/clock/clock.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { DomainEvents, DomainEventType } from "../../../platform/events/domain-events.ts";
import type { Language } from "../../../platform/graphql/context.ts";

/** What is shown of a notification. */
export interface NotificationText {
  readonly title: string;
  readonly body: string;
}

/** Something to tell a user. */
export interface News<Facts = unknown> {
  readonly userId: string;
  /** What happened, unique per user: the same key again tells nothing. At most 200 characters. */
  readonly key: string;
  /** What it is about, such as a job; null for nothing that has an id. */
  readonly refId: string | null;
  /** What the texts are made of when they are read. */
  readonly facts: Facts;
  /** Set for the end of a job that is no news to who has watched it: told a moment later, and to nobody else. */
  readonly unlessWatched?: boolean;
}

/** A kind of notification: where it comes from, and how it reads. */
export interface NotificationKind {
  /** SCREAMING_SNAKE, a value of the GraphQL enum `NotificationKind`. */
  readonly kind: string;
  readonly description: string;
  /** What it is about is a job, and nothing is pushed to who watches that. */
  readonly aboutJob: boolean;
  /** The texts of stored facts; facts that are older than the code read plainly. */
  textOf(facts: unknown, language: Language): NotificationText;
  /** Tells the news of every event. */
  follow(events: DomainEvents, clock: Clock, tell: (tx: Tx, news: News) => Promise<void>): void;
}

interface Definition<Facts, Event> {
  readonly kind: string;
  readonly description: string;
  readonly aboutJob?: boolean;
  readonly facts: z.ZodType<Facts>;
  readonly texts: Readonly<Record<Language, (facts: Facts) => NotificationText>>;
  readonly event: DomainEventType<Event>;
  /** What an event means to a user; null for nothing worth telling. */
  newsOf(event: Event, at: Date): News<Facts> | null;
}

const PLAIN: Readonly<Record<Language, NotificationText>> = {
  EN: { title: "There is news for you", body: "" },
  KH: { title: "មានដំណឹងថ្មីសម្រាប់អ្នក", body: "" },
};

/** Declares a kind of notification. It counts once it stands in `notification-kinds.ts`. */
export const notificationKind = <Facts, Event>(
  definition: Definition<Facts, Event>,
): NotificationKind => ({
  kind: definition.kind,
  description: definition.description,
  aboutJob: definition.aboutJob ?? false,
  textOf: (facts, language) => {
    const known = definition.facts.safeParse(facts);
    return known.success ? definition.texts[language](known.data) : PLAIN[language];
  },
  follow: (events, clock, tell) => {
    events.on(definition.event, async (tx, event) => {
      const news = definition.newsOf(event, clock.now());
      if (news) await tell(tx, news);
    });
  },
});
