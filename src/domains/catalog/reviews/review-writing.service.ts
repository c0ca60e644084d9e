import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { SignedIn } from "../../../platform/graphql/context.ts";
import type { PageRequest } from "../../../platform/graphql/connection.ts";
import { notFound, unauthenticated } from "../../../platform/graphql/errors.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import { Idempotency } from "../../../platform/jobs/idempotency.ts";
import type { RateLimit, RateLimiter } from "../../../platform/redis/rate-limiter.ts";
import type {
  LockedReview,
  OwnReview,
  OwnReviewRepository,
  ReviewContent,
} from "./own-review.repository.ts";
import type { ReviewVoteRepository } from "./review-vote.repository.ts";
import { checkedContent } from "./review.input.ts";
import { MOST_WAITING, refuseReview } from "./review.problems.ts";
import type { ReviewRepository } from "./review.repository.ts";

const WRITES: RateLimit = { name: "review-writes", points: 50, windowSeconds: 86_400 };
const VOTES: RateLimit = { name: "review-votes", points: 60, windowSeconds: 60 };

export interface ReviewWish extends ReviewContent {
  readonly productId: string;
  /** First name of the writer, if told. */
  readonly authorName: string | null;
  readonly idempotencyKey: string | null;
}

export interface ReviewWritingDeps {
  readonly uow: UnitOfWork;
  readonly idempotency: Idempotency;
  readonly rateLimiter: RateLimiter;
  /** Keeps a session from ending during a transaction; false when it has ended. */
  readonly holdSession: (tx: Tx, sessionId: string) => Promise<boolean>;
  readonly reviews: Pick<ReviewRepository, "add">;
  readonly own: OwnReviewRepository;
  readonly votes: ReviewVoteRepository;
  readonly ids: Ids;
}

type Writer = Pick<SignedIn, "userId" | "sessionId">;

/** Lets people write about products, and say what helped them. What is written waits until the staff has approved it. */
export class ReviewWritingService {
  constructor(private readonly deps: ReviewWritingDeps) {}

  /**
   * Adds a person's review of a product on sale. Refuses with INVALID_INPUT, REVIEW_EXISTS and TOO_MANY_REVIEWS_WAITING.
   * @throws NOT_FOUND, RATE_LIMITED, IDEMPOTENCY_MISMATCH
   */
  async add(writer: Writer, wish: ReviewWish): Promise<OwnReview> {
    const { idempotency, rateLimiter } = this.deps;
    const { userId } = writer;
    const { idempotencyKey: key, authorName, productId, ...content } = wish;
    Idempotency.checkKey(key);
    const checked = checkedContent(content);
    const call = { userId, key, operation: "addReview", input: { ...content, productId } };
    const earlier = await idempotency.find<{ id: string }>(call);
    if (earlier) return this.owned(userId, earlier.id);
    await rateLimiter.consume(WRITES, userId);
    const { id } = await this.asWriter(writer, (tx) =>
      idempotency.once(tx, call, () =>
        this.addOnce(tx, userId, { ...checked, productId, authorName }),
      ),
    );
    return this.owned(userId, id);
  }

  /**
   * Changes a person's own review; what is left out stays. Other words wait to be approved, the same ones change nothing.
   * Refuses with INVALID_INPUT and TOO_MANY_REVIEWS_WAITING. @throws NOT_FOUND, RATE_LIMITED
   */
  async update(writer: Writer, id: string, change: Partial<ReviewContent>): Promise<OwnReview> {
    const { own, rateLimiter } = this.deps;
    const { userId } = writer;
    await rateLimiter.consume(WRITES, userId);
    await this.asWriter(writer, async (tx) => {
      const { status, ...before } = await this.lockOwn(tx, userId, id);
      const { rating, title, comment } = checkedContent({ ...before, ...change });
      const isSame =
        rating === before.rating && title === before.title && comment === before.comment;
      if (isSame) return;
      if (status !== "PENDING") await this.checkWaiting(tx, userId, "reviewId");
      await own.change(tx, id, { rating, title, comment });
    });
    return this.owned(userId, id);
  }

  /** Deletes a person's own review. @returns the product that it was about @throws NOT_FOUND */
  remove(writer: Writer, id: string): Promise<string> {
    return this.asWriter(writer, async (tx) => {
      const { productId } = await this.lockOwn(tx, writer.userId, id);
      await this.deps.own.remove(tx, id);
      return productId;
    });
  }

  /**
   * Says whether an approved review of somebody else has helped; again changes nothing. Refuses with OWN_REVIEW.
   * @throws NOT_FOUND, RATE_LIMITED
   */
  async vote({ userId, sessionId }: Writer, reviewId: string, helpful: boolean): Promise<void> {
    const { uow, own, votes, rateLimiter } = this.deps;
    await rateLimiter.consume(VOTES, userId);
    await uow.run(async (tx) => {
      await this.hold(tx, sessionId);
      // Locked, so that its writer does not become the voter, by a merge, before the vote can be seen.
      const review = await own.lock(tx, reviewId);
      if (review?.status !== "APPROVED") throw notFound("The review");
      if (review.userId === userId) refuseReview("OWN_REVIEW", "reviewId");
      await (helpful
        ? votes.add(tx, { userId, reviewId })
        : votes.remove(tx, { userId, reviewId }));
    });
  }

  /** Up to `rowsToFetch` of a person's reviews, last written first, in the direction of the request. */
  pageOf(userId: string, request: PageRequest): Promise<OwnReview[]> {
    return this.deps.own.pageOf(userId, request);
  }

  private async addOnce(
    tx: Tx,
    userId: string,
    review: ReviewContent & { readonly productId: string; readonly authorName: string | null },
  ): Promise<{ id: string }> {
    const { reviews, own, ids } = this.deps;
    if (!(await own.isOnSale(tx, review.productId))) throw notFound("The product");
    const id = ids.next("rev");
    const added = await reviews.add(tx, [
      { ...review, id, userId, status: "PENDING", isVerifiedPurchase: false },
    ]);
    if (added === 0) refuseReview("REVIEW_EXISTS", "productId");
    await this.checkWaiting(tx, userId, "productId", 1);
    return { id };
  }

  /** @param already How many of those that wait are what is checked */
  private async checkWaiting(tx: Tx, userId: string, field: string, already = 0): Promise<void> {
    const waiting = await this.deps.own.waitingOf(tx, userId);
    if (waiting - already >= MOST_WAITING) refuseReview("TOO_MANY_REVIEWS_WAITING", field);
  }

  private async lockOwn(tx: Tx, userId: string, id: string): Promise<LockedReview> {
    const review = await this.deps.own.lock(tx, id);
    if (review?.userId !== userId) throw notFound("The review");
    return review;
  }

  /**
   * One change of a writer's reviews at a time. The session is held last, as whoever ends it has locked the reviews before.
   * @throws UNAUTHENTICATED when it ended meanwhile: what is written now would be overlooked by a merge or an erasure
   */
  private asWriter<T>({ userId, sessionId }: Writer, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.deps.uow.run(async (tx) => {
      await this.deps.own.lockWriter(tx, userId);
      const result = await work(tx);
      await this.hold(tx, sessionId);
      return result;
    });
  }

  private async hold(tx: Tx, sessionId: string): Promise<void> {
    if (!(await this.deps.holdSession(tx, sessionId))) throw unauthenticated("SESSION_ENDED");
  }

  private async owned(userId: string, id: string): Promise<OwnReview> {
    const [review] = await this.deps.own.among([{ userId, id }]);
    if (!review) throw notFound("The review");
    return review;
  }
}
