import type { IncomingMessage, ServerResponse } from "node:http";

import { log } from "./log";
import { REQUEST_ID_HEADER, requestId } from "./request-id";

const PROBES = new Set(["/health", "/api/health"]);

/** Gives a request its id, notes who sent it, and logs it once it is answered. */
export function observe(request: IncomingMessage, response: ServerResponse): void {
  const begun = performance.now();
  const id = requestId(request.headers[REQUEST_ID_HEADER]?.toString());
  request.headers[REQUEST_ID_HEADER] = id;
  response.setHeader(REQUEST_ID_HEADER, id);
  // Whatever a client writes into this header, the last entry is the peer that this server saw.
  request.headers["x-forwarded-for"] = [request.headers["x-forwarded-for"], request.socket.remoteAddress]
    .filter(Boolean)
    .join(", ");

  const { method } = request;
  const path = request.url?.split("?", 1)[0] ?? "";
  response.once("close", () => {
    log(PROBES.has(path) || path.startsWith("/_next/") ? "debug" : "info", "request", {
      method,
      path,
      status: response.statusCode,
      complete: response.writableFinished,
      duration_ms: Math.round(performance.now() - begun),
      request_id: id,
    });
  });
}
