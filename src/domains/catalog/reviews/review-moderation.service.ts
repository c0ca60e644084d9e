import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { DomainEvents } from "../../../platform/events/domain-events.ts";
import type { PageRequest } from "../../../platform/graphql/connection.ts";
import { notFound } from "../../../platform/graphql/errors.ts";
import type { Decision, OwnReview, OwnReviewRepository } from "./own-review.repository.ts";
import { reviewApproved } from "./review.events.ts";
import { checkedReason } from "./review.input.ts";
import { refuseReview } from "./review.problems.ts";
import type { ReviewStatus } from "./review.vocabulary.ts";

/** A review as the staff sees it. */
export type ModeratedReview = OwnReview;

/** A decision of the staff about a review. */
export interface ReviewDecision {
  readonly id: string;
  /** The version that was read. */
  readonly version: number;
  readonly status: "APPROVED" | "REJECTED";
  /** Why it is rejected; null for one that is approved. */
  readonly reason: string | null;
}

/** Shows the staff what was written, and decides what shoppers see. */
export class ReviewModeration {
  constructor(
    private readonly deps: {
      readonly own: OwnReviewRepository;
      readonly events: DomainEvents;
    },
  ) {}

  /** Up to `rowsToFetch` reviews in a state, first written first, in the direction of the request. */
  pageOf(status: ReviewStatus, request: PageRequest): Promise<ModeratedReview[]> {
    return this.deps.own.inState(status, request);
  }

  /** A review in whatever state. @throws NOT_FOUND */
  async find(id: string): Promise<ModeratedReview> {
    const [review] = await this.deps.own.byIds([id]);
    if (!review) throw notFound("The review");
    return review;
  }

  /**
   * Shows or hides a review; the product's rating follows in the same transaction. Refuses with REVIEW_CHANGED when it is not
   * the version that was read, and with INVALID_INPUT a rejection without a reason.
   * @returns how it stood before, null when it stands so already @throws NOT_FOUND
   */
  async decide(tx: Tx, { id, version, status, reason }: ReviewDecision): Promise<Decided | null> {
    const { own, events } = this.deps;
    const after = { status, reason: status === "REJECTED" ? checkedReason(reason ?? "") : null };
    const review = await own.lock(tx, id);
    if (!review) throw notFound("The review");
    if (review.version !== version) refuseReview("REVIEW_CHANGED", "version");
    const before = { status: review.status, reason: review.rejectionReason };
    if (before.status === after.status && before.reason === after.reason) return null;
    await own.decide(tx, id, after);
    if (status === "APPROVED" && !review.wasApproved && review.userId !== null) {
      await events.emit(tx, reviewApproved, { userId: review.userId, reviewId: id });
    }
    return { before, after };
  }
}

interface Decided {
  readonly before: { readonly status: ReviewStatus; readonly reason: string | null };
  readonly after: Decision;
}
