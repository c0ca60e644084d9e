import type { ProductFinds, ProductSearch } from "../web-find.ts";

/** Without a search provider there is no honest way to find products on the web. */
export class NoProductFinder {
  async find(search: ProductSearch): Promise<ProductFinds> {
    search.signal.throwIfAborted();
    return Promise.resolve({
      finds: [],
      grounded: false,
      reason: "No search provider is configured.",
    });
  }
}
