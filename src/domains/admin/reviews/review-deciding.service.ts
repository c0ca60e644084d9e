import type { UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { PageRequest } from "../../../platform/graphql/connection.ts";
import type {
  ModeratedReview,
  ReviewDecision,
  ReviewModeration,
  ReviewStatus,
} from "../../catalog/index.ts";
import type { Actor, AuditLog } from "../audit/audit-log.service.ts";

/** Lets the staff decide what shoppers read; every decision is remembered. */
export class ReviewDeciding {
  constructor(
    private readonly dependencies: {
      readonly uow: UnitOfWork;
      readonly reviews: ReviewModeration;
      readonly audit: AuditLog;
    },
  ) {}

  /** Up to `rowsToFetch` reviews in a state, first written first. */
  page(status: ReviewStatus, page: PageRequest): Promise<ModeratedReview[]> {
    return this.dependencies.reviews.pageOf(status, page);
  }

  /** Shows or hides a review; again changes nothing. Refuses with REVIEW_CHANGED and INVALID_INPUT. @throws NOT_FOUND */
  async decide(actor: Actor, decision: ReviewDecision): Promise<ModeratedReview> {
    const { uow, reviews, audit } = this.dependencies;
    await uow.run(async (tx) => {
      const decided = await reviews.decide(tx, decision);
      if (decided === null) return;
      const { id: subject, version } = decision;
      const { before, after } = decided;
      await audit.record(tx, actor, {
        action: "adminModerateReview",
        subject,
        before: { ...before, version },
        after: { ...after, version },
      });
    });
    return reviews.find(decision.id);
  }
}
