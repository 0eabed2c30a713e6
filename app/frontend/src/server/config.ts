import { isIP } from "node:net";

import { parseLogLevel } from "./log";

export interface Config {
  appName: string;
  /** Origin of the backend as this server reaches it, without a trailing slash. */
  backendUrl: string;
  /** Path before every API route, e.g. /api/v1. */
  apiPrefix: string;
  /** Milliseconds the backend has to begin its answer. */
  backendTimeoutMs: number;
  /** The backend's signing key, to notice that the two differ. */
  authSecret?: string;
  /** Origin at which browsers reach this server, where a proxy in front doesn't tell. */
  publicOrigin?: string;
  listen: {
    hostname: string;
    port: number;
    /** Longer than proxies keep an idle connection, so that none is picked that is being closed. */
    keepAliveTimeoutMs: number;
  };
}

/** The environment can't be used; `problems` says what to change, one line each. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join(" "));
    this.name = "ConfigError";
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

const MINIMUM_SECRET_BYTES = 32;
const EXAMPLE_KEYS = new Set(["", "your-key-here"]);

/** Reads every setting at run time. Throws a ConfigError that lists all problems at once. */
export function readConfig(env: Environment): Config {
  const problems: string[] = [];
  const attempt = <T>(read: () => T, fallback: T): T => {
    try {
      return read();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return fallback;
    }
  };

  if (!EXAMPLE_KEYS.has(env.NEXT_PUBLIC_OPENAI_API_KEY?.trim() ?? "")) {
    problems.push(
      "NEXT_PUBLIC_OPENAI_API_KEY is set: the NEXT_PUBLIC_ prefix publishes it to every visitor. " +
        "Remove it here and give the key to the backend as OPENAI_API_KEY.",
    );
  }
  if (!parseLogLevel(env.NEXT_PUBLIC_LOG_LEVEL)) {
    problems.push("NEXT_PUBLIC_LOG_LEVEL takes debug, info, warn (or warning) and error.");
  }
  const config: Config = {
    appName: env.NEXT_PUBLIC_APP_NAME?.trim() || "Todo",
    backendUrl: attempt(() => backendUrl(env), ""),
    apiPrefix: attempt(() => apiPrefix(env.BACKEND_API_PREFIX), ""),
    backendTimeoutMs: attempt(() => number(env, "BACKEND_TIMEOUT_SECONDS", 30, 600), 0) * 1000,
    ...attempt(() => betterAuth(env), {}),
    listen: {
      hostname: listenAddress(env.HOSTNAME?.trim()),
      port: attempt(() => number(env, "PORT", 3000, 65_535), 0),
      keepAliveTimeoutMs: attempt(() => number(env, "KEEP_ALIVE_TIMEOUT", 120_000, 3_600_000), 0),
    },
  };
  if (problems.length > 0) {
    throw new ConfigError(problems);
  }
  return config;
}

let cached: Config | undefined;

/** The configuration of this process, read once. */
export function getConfig(): Config {
  // As an argument: where the bundler sees `process.env.NEXT_PUBLIC_*` it writes the value at build time.
  cached ??= readConfig(process.env);
  return cached;
}

function backendUrl(env: Environment): string {
  const internal = env.BACKEND_INTERNAL_URL?.trim();
  if (internal) {
    return origin("BACKEND_INTERNAL_URL", internal);
  }
  const api = env.NEXT_PUBLIC_API_URL?.trim();
  if (!api) {
    throw new Error("BACKEND_INTERNAL_URL is not set: give the backend's address, e.g. http://todo-backend:8000.");
  }
  const url = origin("NEXT_PUBLIC_API_URL", api);
  if (!isInCluster(new URL(url).hostname)) {
    throw new Error(
      `BACKEND_INTERNAL_URL is not set, and NEXT_PUBLIC_API_URL (${url}) is an address for browsers. ` +
        "Set BACKEND_INTERNAL_URL to the backend as this server reaches it, e.g. http://todo-backend:8000.",
    );
  }
  return url;
}

function betterAuth(env: Environment): Pick<Config, "authSecret" | "publicOrigin"> {
  const secret = env.BETTER_AUTH_SECRET?.trim();
  const url = env.BETTER_AUTH_URL?.trim();
  if (secret && Buffer.byteLength(secret) < MINIMUM_SECRET_BYTES) {
    throw new Error(`BETTER_AUTH_SECRET has fewer than ${MINIMUM_SECRET_BYTES} characters; give it the backend's.`);
  }
  return { ...(secret && { authSecret: secret }), ...(url && { publicOrigin: publicOrigin(url) }) };
}

/** The address may have a path, as a Better Auth server's own has. */
function publicOrigin(value: string): string {
  return origin("BETTER_AUTH_URL", URL.canParse(value) ? Object.assign(new URL(value), { pathname: "/" }).href : value);
}

/** A Service's name resolves only inside: one label, or a name under .svc or the cluster's own domain. */
function isInCluster(hostname: string): boolean {
  return /^(?!localhost$)[a-z0-9-]*[a-z][a-z0-9-]*$|\.svc$|\.svc\.|\.cluster\.local$/.test(hostname);
}

function origin(name: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new Error(`${name} is not an http or https URL.`);
  }
  if (url.username || url.password) {
    throw new Error(`${name} contains credentials; it takes only scheme, host and port.`);
  }
  if (url.pathname !== "/" || url.search || url.hash) {
    throw new Error(`${name} takes only scheme, host and port; a path belongs in BACKEND_API_PREFIX.`);
  }
  return url.origin;
}

function apiPrefix(value: string | undefined): string {
  const prefix = (value?.trim() || "/api/v1").replace(/\/+$/, "");
  if (!/^(\/[\w.-]+)*$/.test(prefix)) {
    throw new Error("BACKEND_API_PREFIX is not a path such as /api/v1.");
  }
  return prefix;
}

/** Container runtimes put the container's name into HOSTNAME, where nobody would reach the server from outside. */
function listenAddress(value: string | undefined): string {
  return value && isIP(value) ? value : "0.0.0.0";
}

function number(env: Environment, name: string, fallback: number, maximum: number): number {
  const value = Number(env[name]?.trim() || fallback);
  if (!(value > 0 && value <= maximum)) {
    throw new Error(`${name} is not a number above 0 and up to ${maximum}.`);
  }
  return value;
}
