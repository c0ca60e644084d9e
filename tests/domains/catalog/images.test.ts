import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { fastify } from "fastify";
import { freshDatabase } from "../../support/database.ts";
import { openShop, type Shop } from "./shop.ts";

let shop: Shop;
let drop: () => Promise<void>;
const app = fastify();

beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  shop = await openShop(fresh.url);
  shop.module.routes?.(app);
  await shop.blobs.write("products/jar.webp", Buffer.from("picture"), "image/webp");
  await shop.blobs.write("u/usr_1/selfie.jpg", Buffer.from("private"), "image/jpeg");
  await shop.blobs.write("products/notes.html", Buffer.from("<script>"), "text/html");
});
afterAll(async () => {
  await app.close();
  await shop.close();
  await drop();
});

test("a picture of the shop is public and may be cached for ever", async () => {
  const answer = await app.inject("/images/products/jar.webp");
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toBe("picture");
  expect(answer.headers).toMatchObject({
    "content-type": "image/webp",
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "cross-origin",
  });
  expect((await app.inject({ method: "HEAD", url: "/images/products/jar.webp" })).statusCode).toBe(
    200,
  );
});

test.each([
  "/images/products/none.webp",
  "/images/products/notes.html",
  "/images/products/..%2Fu%2Fusr_1%2Fselfie.jpg",
  "/images/products/..%2f..%2fetc%2fpasswd",
  "/images/products/%00.webp",
  "/images/u/usr_1/selfie.jpg",
  "/images/products/",
  `/images/products/${"a".repeat(90)}.webp?x=${"y".repeat(1_000)}`,
])("%s is not there", async (url) => {
  const answer = await app.inject(url);
  expect(answer.statusCode).toBe(404);
  expect(answer.body).not.toContain("private");
});

test("pictures in answers point to that route", async () => {
  const [product] = await shop.products([{ image: "products/jar.webp" }]);
  const answer = await shop.ask(`query ($slug: String!) { product(slug: $slug) { imageUrl } }`, {
    slug: product!.slug,
  });
  expect(answer.data.product.imageUrl).toBe("https://facet.test/images/products/jar.webp");
});
