import { domainEventType } from "../../../platform/events/domain-events.ts";

/** A review was approved for the first time. Told once per review, and not when its writer has left. */
export const reviewApproved = domainEventType<{
  readonly userId: string;
  readonly reviewId: string;
}>("catalog.review_approved");
