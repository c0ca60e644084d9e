import { isIP } from "node:net";

const PRIVATE_NAMES =
  /(^|\.)(localhost|local|internal|intranet|lan|home|corp|test|invalid|onion)$/i;

/**
 * Accepts only a URL that may be shown to people or fetched for them: https on its usual port, a
 * public-looking host name, no user info. IP addresses are refused whatever they are: no shop and
 * no image store that facet talks to is named by its address.
 */
export function publicHttpsUrl(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== "https:" || url.port !== "") return null;
  if (url.username !== "" || url.password !== "") return null;
  const host = url.hostname.replace(/\.$/, "");
  const named = host.includes(".") && isIP(host) === 0 && !host.startsWith("[");
  return named && !PRIVATE_NAMES.test(host) ? url : null;
}
