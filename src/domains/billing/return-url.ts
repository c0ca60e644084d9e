import { originRule } from "../../platform/http/origins.ts";
import { problem, refuse, registerProblemCodes } from "../../platform/graphql/problems.ts";

registerProblemCodes({
  RETURN_URL_NOT_ALLOWED: "A page of a store may not lead back to this address.",
});

const MAX_LENGTH = 2_000;

/** Where a store's page may send a buyer back to: our own pages, those of the allowed origins, and our apps. */
export class ReturnUrls {
  private readonly isOurs: (origin: string) => boolean;
  private readonly appProtocols: ReadonlySet<string>;

  constructor(options: {
    readonly publicUrl: string;
    readonly allowedOrigins: readonly string[];
    /** Schemes of links that open our apps, such as `facet`. */
    readonly appSchemes: readonly string[];
  }) {
    this.isOurs = originRule(options.publicUrl, options.allowedOrigins);
    this.appProtocols = new Set(options.appSchemes.map((scheme) => `${scheme}:`));
  }

  /**
   * The address in its normal form. Refuses every other one with RETURN_URL_NOT_ALLOWED.
   * @param path Where in the input it stands, such as ["input", "returnUrl"]
   */
  checked(text: string, path: readonly string[]): string {
    const url = text.length <= MAX_LENGTH && URL.canParse(text) ? new URL(text) : null;
    if (!url || !this.isAllowed(url)) {
      refuse(
        problem("RETURN_URL_NOT_ALLOWED", "The store cannot lead back to this address.", path),
      );
    }
    return url.href;
  }

  private isAllowed(url: URL): boolean {
    if (url.username !== "" || url.password !== "") return false;
    if (url.protocol === "https:" || url.protocol === "http:") return this.isOurs(url.origin);
    return this.appProtocols.has(url.protocol);
  }
}
