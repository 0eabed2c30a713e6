import { type NextRequest, NextResponse } from "next/server";

import { type Config, getConfig } from "../config";
import { describeError, log } from "../log";
import { REQUEST_ID_HEADER, requestId } from "../request-id";
import { assertSameOrigin } from "./origin";
import { Problem } from "./problem";
import { renew } from "./refresh";
import { clearSession, parseTokens, readSession, writeSession } from "./session";
import { isSignedWith } from "./signature";
import { send, type UpstreamRequest } from "./upstream";

const MAX_BODY_BYTES = 1024 * 1024;
const TO_BACKEND = [
  "accept",
  "accept-language",
  "content-type",
  "idempotency-key",
  "last-event-id",
  "user-agent",
  "x-forwarded-for",
];
const TO_BROWSER = ["content-disposition", "content-type", "retry-after", "x-total-count"];

interface Call {
  request: NextRequest;
  config: Config;
  /** Path after the API prefix, e.g. /tasks/42. */
  path: string;
  headers: Headers;
  body: Body;
}

type Body = UpstreamRequest["body"];

type Route = (call: Call) => Promise<NextResponse>;

const ROUTES: Readonly<Record<string, Route>> = {
  "/status": status,
  "/auth/login": signIn,
  "/auth/signup": async (call) => toBrowser(await ask(call)),
  "/auth/logout": signOut,
  // Refreshing is this server's own business.
  "/auth/refresh": () => Promise.reject(new Problem(404, "Not Found", "There is nothing at this address.")),
};

/** Answers /bff/*: forwards to the backend with the token of the browser's session. */
export async function handle(request: NextRequest, segments: readonly string[]): Promise<NextResponse> {
  const id = requestId(request.headers.get(REQUEST_ID_HEADER));
  let response: NextResponse;
  try {
    const config = getConfig();
    if (!ownAuthorization(request)) {
      assertSameOrigin(request, config.publicOrigin);
    }
    const path = `/${segments.map(encodeSegment).join("/")}`;
    const call: Call = {
      request,
      config,
      path,
      headers: headersFor(request, id),
      body: await readBody(request),
    };
    response = await (ROUTES[path] ?? forward)(call);
  } catch (error) {
    if (!(error instanceof Problem)) {
      log("error", "request failed", { path: request.nextUrl.pathname, request_id: id, ...describeError(error) });
    }
    const problem =
      error instanceof Problem ? error : new Problem(500, "Internal Server Error", "Something went wrong here.");
    response = problem.toResponse(id);
  }
  response.headers.set(REQUEST_ID_HEADER, id);
  // Whoever compresses a stream on the way holds it back.
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  response.headers.set("cache-control", isStream ? "no-store, no-transform" : "no-store");
  return response;
}

/** Whether the backend is there, for a page that waits for it. */
async function status({ config, headers }: Call): Promise<NextResponse> {
  const answer = await send(config, { method: "GET", path: "/readyz", headers });
  await answer.body?.cancel();
  if (!answer.ok) {
    throw new Problem(503, "Service Unavailable", "The backend is not ready at the moment.");
  }
  return new NextResponse(null, { status: 204 });
}

async function signIn(call: Call): Promise<NextResponse> {
  const answer = await ask(call);
  if (!answer.ok) {
    return toBrowser(answer);
  }
  const tokens = parseTokens(await answer.json());
  if (!tokens) {
    throw new Problem(502, "Bad Gateway", "The backend's answer to a sign-in held no tokens.");
  }
  const { authSecret } = call.config;
  if (authSecret && !isSignedWith(authSecret, tokens.access)) {
    log("warn", "BETTER_AUTH_SECRET is not the backend's: give both the same value", { request_id: idOf(call) });
  }
  const response = new NextResponse(null, { status: 204 });
  writeSession(response, call.request, tokens);
  return response;
}

/** Ends the session here in any case, and at the backend if that can be reached. */
async function signOut(call: Call): Promise<NextResponse> {
  const response = new NextResponse(null, { status: 204 });
  clearSession(response, call.request);
  try {
    await (await forward(call)).body?.cancel();
  } catch (error) {
    log("warn", "sign-out did not reach the backend", {
      request_id: idOf(call),
      ...describeError(error),
    });
  }
  return response;
}

/** Sends with the session's token, and once more with a renewed one when the backend no longer takes it. */
async function forward(call: Call): Promise<NextResponse> {
  const { request, config, headers } = call;
  const authorization = ownAuthorization(request);
  if (authorization) {
    return toBrowser(await ask(call, authorization));
  }
  const { access, refresh } = readSession(request.cookies);
  const isStream = call.body instanceof ReadableStream;
  const first = access || !refresh ? await ask(call, bearer(access)) : undefined;
  if (first && (first.status !== 401 || !refresh)) {
    return toBrowser(first);
  }
  await first?.body?.cancel();
  const renewed = refresh ? await renew(config, refresh, headers) : undefined;
  if (!renewed) {
    const ended = new Problem(401, "Unauthorized", "The session has ended.").toResponse(idOf(call));
    clearSession(ended, request);
    return ended;
  }
  const response =
    first && isStream
      ? // What was sent is spent: whoever sent it still has it.
        new Problem(503, "Service Unavailable", "The session was renewed meanwhile. Send it again.").toResponse(
          idOf(call),
        )
      : toBrowser(await ask(call, bearer(renewed.access)));
  writeSession(response, request, renewed);
  return response;
}

function ask({ request, config, path, headers, body }: Call, authorization?: string): Promise<Response> {
  const sent = new Headers(headers);
  if (authorization) {
    sent.set("authorization", authorization);
  }
  const target = config.apiPrefix + path + request.nextUrl.search;
  return send(config, { method: request.method, path: target, headers: sent, body, signal: request.signal });
}

/** Of a program without a session here, by a token of its own or of a Better Auth server that shares the key. */
function ownAuthorization(request: NextRequest): string | undefined {
  const { access, refresh } = readSession(request.cookies);
  return access || refresh ? undefined : (request.headers.get("authorization") ?? undefined);
}

function bearer(token: string | undefined): string | undefined {
  return token && `Bearer ${token}`;
}

function toBrowser(answer: Response): NextResponse {
  return new NextResponse(answer.body, { status: answer.status, headers: pick(answer.headers, TO_BROWSER) });
}

function headersFor(request: NextRequest, id: string): Headers {
  const headers = pick(request.headers, TO_BACKEND);
  headers.set(REQUEST_ID_HEADER, id);
  headers.set("accept-encoding", "identity");
  return headers;
}

function pick(headers: Headers, names: readonly string[]): Headers {
  const result = new Headers();
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) {
      result.set(name, value);
    }
  }
  return result;
}

function encodeSegment(segment: string): string {
  if (segment === "." || segment === "..") {
    throw new Problem(404, "Not Found", "There is nothing at this address.");
  }
  return encodeURIComponent(segment);
}

/** A form with files goes through as it comes, however large: the backend knows what it takes. */
async function readBody(request: NextRequest): Promise<Body> {
  if (request.body && request.headers.get("content-type")?.startsWith("multipart/form-data")) {
    return request.body;
  }
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) {
    throw tooLarge();
  }
  const body = await request.arrayBuffer();
  if (body.byteLength > MAX_BODY_BYTES) {
    throw tooLarge();
  }
  return body.byteLength > 0 ? body : undefined;
}

function tooLarge(): Problem {
  return new Problem(413, "Content Too Large", `A request may hold ${MAX_BODY_BYTES / 1024} KiB at most.`);
}

function idOf({ headers }: Call): string {
  return headers.get(REQUEST_ID_HEADER) ?? "";
}
