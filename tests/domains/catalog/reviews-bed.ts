import { readFileSync } from "node:fs";
import type { TestClient } from "../../support/client.ts";
import type { World } from "../../support/world.ts";

/** An operation as the apps send it. */
const stored = (app: "mobile" | "admin", name: string): string =>
  readFileSync(
    new URL(`../../../schema/operations/${app}/${name}.graphql`, import.meta.url),
    "utf8",
  );
const ADD = stored("mobile", "AddReview");
const UPDATE = stored("mobile", "UpdateReview");
const DELETE = stored("mobile", "DeleteReview");
const VOTE = stored("mobile", "VoteReviewHelpful");
const OWN = stored("mobile", "ProductViewerReview");
const MODERATE = stored("admin", "AdminModerateReview");

export const VIEWER_REVIEWS = stored("mobile", "ViewerReviews");
export const REVIEW_VOTES = stored("mobile", "ReviewVotes");
export const PRODUCT_REVIEWS = stored("mobile", "ProductReviews");
export const ADMIN_REVIEWS = stored("admin", "AdminReviews");

const query = <T extends object = any>(world: World, text: string, values: unknown[] = []) =>
  world.nodes[0]!.stores.database.query<T>(text, values);

/** Puts so many products on sale; their ids. */
export async function productsOnSale(world: World, count: number): Promise<string[]> {
  const { ids } = world.nodes[0]!.stores;
  const made = Array.from({ length: count }, () => ids.next("prd"));
  await query(
    world,
    `insert into products (id, slug, sku, name_en, brand, description_en, price, status, published_at)
     select id, lower(replace(id, '_', '-')), id, 'Cream', 'House', 'A cream.', 10, 'active', now()
     from unnest($1::text[]) as given(id)`,
    [made],
  );
  return made;
}

/** What `addReview` answers. */
export const write = async (
  person: TestClient,
  productId: string,
  more: Record<string, unknown> = {},
): Promise<any> =>
  (await person.must(ADD, { input: { productId, rating: 4, comment: "Good.", ...more } }))
    .addReview;

/** A review that must be taken; its id. */
export async function written(
  person: TestClient,
  productId: string,
  more: Record<string, unknown> = {},
): Promise<string> {
  const { review, problems } = await write(person, productId, more);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return review.id as string;
}

export const change = async (person: TestClient, input: Record<string, unknown>): Promise<any> =>
  (await person.must(UPDATE, { input })).updateReview;

export const remove = async (person: TestClient, reviewId: string): Promise<any> =>
  (await person.must(DELETE, { input: { reviewId } })).deleteReview;

export const vote = async (person: TestClient, reviewId: string, helpful = true): Promise<any> =>
  (await person.must(VOTE, { input: { reviewId, helpful } })).voteReviewHelpful;

/** What a person is shown of the own review of a product. */
export const ownReview = async (person: TestClient, productId: string): Promise<any> =>
  (await person.must(OWN, { id: productId })).product.viewerReview;

/** What `adminModerateReview` answers; a rejection has a reason unless told. */
export const decide = async (
  moderator: TestClient,
  id: string,
  decision: "APPROVED" | "REJECTED" = "APPROVED",
  more: Record<string, unknown> = {},
): Promise<any> => {
  const reason = decision === "REJECTED" ? "Not about the product." : null;
  const input = { id, version: 1, decision, reason, ...more };
  return (await moderator.must(MODERATE, { input })).adminModerateReview;
};

/** A review that everybody sees; its id. */
export async function published(
  { writer, moderator }: { writer: TestClient; moderator: TestClient },
  productId: string,
  more: Record<string, unknown> = {},
): Promise<string> {
  const id = await written(writer, productId, more);
  const { problems } = await decide(moderator, id);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return id;
}

/** The rating of a product and the ids of its reviews, as everybody sees them. */
export async function shown(
  person: TestClient,
  id: string,
): Promise<{ average: number | null; count: number; reviews: string[] }> {
  const { ratingSummary, reviews } = (await person.must(PRODUCT_REVIEWS, { id })).product;
  const { average, count } = ratingSummary;
  return { average, count, reviews: reviews.nodes.map((node: any) => node.id as string) };
}

export const codesOf = ({ problems }: any): string[] =>
  problems.map(({ code }: any) => code as string);

export const helpfulCount = async (world: World, id: string): Promise<number> =>
  (
    await query<{ count: number }>(
      world,
      "select helpful_count as count from reviews where id = $1",
      [id],
    )
  )[0]!.count;

/** What any part of the program finds wrong. */
export async function findings(world: World): Promise<object[]> {
  const found: object[] = [];
  for (const { reconcile } of world.nodes[0]!.parts.modules) {
    found.push(...((await reconcile?.()) ?? []));
  }
  return found;
}
