import type { NextRequest, NextResponse } from "next/server";

const ACCESS_COOKIE = "todo_access";
const REFRESH_COOKIE = "todo_refresh";
const REFRESH_MAX_AGE_SECONDS = 30 * 24 * 60 * 60;

export interface Session {
  access?: string | undefined;
  refresh?: string | undefined;
}

/** What the backend hands out at sign-in and refresh. It never leaves this server but in httpOnly cookies. */
export interface Tokens {
  access: string;
  refresh: string;
  /** Seconds the access token lives. */
  expiresIn: number;
}

interface CookieReader {
  get(name: string): { value: string } | undefined;
}

export function readSession(cookies: CookieReader): Session {
  return { access: cookies.get(ACCESS_COOKIE)?.value, refresh: cookies.get(REFRESH_COOKIE)?.value };
}

/** Whether the browser holds a session, which the backend may since have ended. */
export function hasSession(cookies: CookieReader): boolean {
  const { access, refresh } = readSession(cookies);
  return Boolean(access || refresh);
}

export function parseTokens(body: unknown): Tokens | undefined {
  if (typeof body !== "object" || body === null) {
    return undefined;
  }
  const { access_token, refresh_token, expires_in } = body as Record<string, unknown>;
  if (typeof access_token !== "string" || typeof refresh_token !== "string" || typeof expires_in !== "number") {
    return undefined;
  }
  return { access: access_token, refresh: refresh_token, expiresIn: expires_in };
}

export function writeSession(response: NextResponse, request: NextRequest, tokens: Tokens): void {
  const options = cookieOptions(request);
  response.cookies.set(ACCESS_COOKIE, tokens.access, { ...options, maxAge: tokens.expiresIn });
  response.cookies.set(REFRESH_COOKIE, tokens.refresh, { ...options, maxAge: REFRESH_MAX_AGE_SECONDS });
}

export function clearSession(response: NextResponse, request: NextRequest): void {
  for (const name of [ACCESS_COOKIE, REFRESH_COOKIE]) {
    response.cookies.set(name, "", { ...cookieOptions(request), maxAge: 0 });
  }
}

function cookieOptions(request: NextRequest) {
  const protocol = request.headers.get("x-forwarded-proto")?.split(",")[0]?.trim() ?? request.nextUrl.protocol;
  return { httpOnly: true, sameSite: "lax", secure: protocol.startsWith("https"), path: "/" } as const;
}
