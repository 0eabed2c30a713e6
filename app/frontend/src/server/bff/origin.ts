import { Problem } from "./problem";

const SAFE_METHODS = new Set(["GET", "HEAD"]);

/** Refuses a write that another site made with this browser's cookies. */
export function assertSameOrigin(request: Request, publicOrigin?: string): void {
  if (SAFE_METHODS.has(request.method)) {
    return;
  }
  // Browsers send Sec-Fetch-Site to https and localhost only, Origin with every write.
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  if (
    (site !== null && site !== "same-origin") ||
    !(isOwn(origin, request.headers) || (origin && origin === publicOrigin))
  ) {
    throw new Problem(403, "Forbidden", "This request did not come from a page of this app.");
  }
}

function isOwn(origin: string | null, headers: Headers): boolean {
  // A page can't set either host header for another site without asking first (CORS), and it is never allowed to.
  const host = headers.get("x-forwarded-host")?.split(",")[0]?.trim() ?? headers.get("host");
  return origin !== null && URL.canParse(origin) && new URL(origin).host === host;
}
