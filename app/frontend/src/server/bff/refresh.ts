import { createHash } from "node:crypto";

import type { Config } from "../config";
import { Problem } from "./problem";
import { parseTokens, type Tokens } from "./session";
import { send } from "./upstream";

/** How long a spent token still gives its successor: requests already on their way carry the old cookie. */
const REMEMBER_MS = 30_000;

const renewals = new Map<string, Promise<Tokens | undefined>>();

/**
 * Exchanges a refresh token, once however many requests ask for it at the same time.
 * Gives undefined when the session has ended; throws a Problem when the backend can't say.
 */
export function renew(config: Config, refreshToken: string, headers: Headers): Promise<Tokens | undefined> {
  const key = createHash("sha256").update(refreshToken).digest("base64");
  const running = renewals.get(key);
  if (running) {
    return running;
  }
  const renewal = exchange(config, refreshToken, headers);
  renewals.set(key, renewal);
  renewal.then(
    () => setTimeout(() => renewals.delete(key), REMEMBER_MS).unref(),
    () => renewals.delete(key),
  );
  return renewal;
}

async function exchange(config: Config, refreshToken: string, headers: Headers): Promise<Tokens | undefined> {
  const response = await send(config, {
    method: "POST",
    path: `${config.apiPrefix}/auth/refresh`,
    headers: withJson(headers),
    body: new TextEncoder().encode(JSON.stringify({ refresh_token: refreshToken })).buffer,
  });
  if (response.ok) {
    const tokens = parseTokens(await response.json());
    if (tokens) {
      return tokens;
    }
  }
  if (response.status >= 400 && response.status < 500 && response.status !== 429) {
    return undefined;
  }
  throw new Problem(503, "Service Unavailable", "The session can't be renewed at the moment.");
}

function withJson(headers: Headers): Headers {
  const result = new Headers(headers);
  result.delete("authorization");
  result.set("content-type", "application/json");
  return result;
}
