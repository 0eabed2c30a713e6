import { randomBytes } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";

import { contentSecurityPolicy, NONCE_HEADER } from "@/server/csp";

const HEADER = "content-security-policy";

/** Gives every page a Content-Security-Policy with a nonce of its own; Next puts it on its scripts. */
export function proxy(request: NextRequest): NextResponse {
  const nonce = randomBytes(16).toString("base64");
  const policy = contentSecurityPolicy(nonce, process.env.NODE_ENV === "development");
  const headers = new Headers(request.headers);
  headers.set(HEADER, policy);
  headers.set(NONCE_HEADER, nonce);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set(HEADER, policy);
  return response;
}

export const config = {
  matcher: ["/((?!_next/|bff/|api/|health$|icon\\.svg$).*)"],
};
