import { setTimeout as sleep } from "node:timers/promises";

import type { Config } from "../config";
import { describeError, log } from "../log";
import { Problem } from "./problem";

export interface UpstreamRequest {
  method: string;
  /** Path and query after the backend's origin. */
  path: string;
  headers: Headers;
  body?: ArrayBuffer | ReadableStream<Uint8Array> | undefined;
  /** Ends the request when the browser has gone. */
  signal?: AbortSignal | undefined;
}

const RETRY_DELAYS_MS: readonly number[] = [100, 400];
const READS = new Set(["GET", "HEAD"]);
/** The connection was never made, so nothing can have happened at the other end. */
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Asks the backend, again if that can do no harm. Throws a Problem (502, 503 or 504) when there is no answer. */
export async function send(config: Config, request: UpstreamRequest, delays = RETRY_DELAYS_MS): Promise<Response> {
  try {
    return await attempt(config, request);
  } catch (error) {
    const problem = asProblem(error, config);
    const isAbandoned = request.signal?.aborted === true;
    const [delay, ...rest] = delays;
    const isSpent = request.body instanceof ReadableStream;
    if (delay !== undefined && !isAbandoned && !isSpent && isRepeatable(problem, request)) {
      await sleep(delay);
      return send(config, request, rest);
    }
    log(isAbandoned ? "debug" : "warn", "backend request failed", {
      method: request.method,
      path: request.path.split("?", 1)[0],
      status: problem.status,
      request_id: request.headers.get("x-request-id"),
      ...describeError(error),
    });
    throw problem;
  }
}

function isRepeatable(problem: Problem, request: UpstreamRequest): boolean {
  return problem.status === 503 || (problem.status === 502 && READS.has(request.method));
}

async function attempt(config: Config, { path, signal, body, ...init }: UpstreamRequest): Promise<Response> {
  // The limit is on the first byte: a stream may go on for as long as it has something to say.
  const deadline = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expectAnswer = () => {
    const expire = () => deadline.abort(new DOMException("no answer in time", "TimeoutError"));
    timer = setTimeout(expire, config.backendTimeoutMs);
  };
  const isStream = body instanceof ReadableStream;
  if (!isStream) {
    expectAnswer();
  }
  try {
    return await fetch(config.backendUrl + path, {
      ...init,
      // An upload may take its time too: the backend's begins when it has all of it.
      ...(isStream
        ? { body: body.pipeThrough(new TransformStream({ flush: expectAnswer })), duplex: "half" }
        : { body: body ?? null }),
      cache: "no-store",
      redirect: "manual",
      signal: signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal,
    });
  } finally {
    clearTimeout(timer);
  }
}

function asProblem(error: unknown, config: Config): Problem {
  const options = { cause: error };
  if (error instanceof DOMException && error.name === "TimeoutError") {
    const seconds = config.backendTimeoutMs / 1000;
    return new Problem(504, "Gateway Timeout", `The backend gave no answer within ${seconds} seconds.`, options);
  }
  if (error instanceof TypeError && NEVER_SENT.has(codeOf(error.cause))) {
    return new Problem(503, "Service Unavailable", "The backend can't be reached at the moment.", options);
  }
  return new Problem(502, "Bad Gateway", "The connection to the backend broke before it answered.", options);
}

function codeOf(cause: unknown): string {
  if (cause instanceof AggregateError) {
    return codeOf(cause.errors[0]);
  }
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}
