import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { Backend, json } from "../unit/backend";

const SERVER = ".next/standalone/server.js";

let backend: Backend;
let server: ChildProcess | undefined;
let output: string;

interface Line {
  timestamp: string;
  level: string;
  service: string;
  message: string;
  [field: string]: unknown;
}

function start(env: Record<string, string>): ChildProcess {
  output = "";
  const child = spawn(process.execPath, [SERVER], {
    env: { NODE_ENV: "production", HOSTNAME: "127.0.0.1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  server = child;
  return child;
}

/** Starts the server on a free port and gives its address once it answers. */
async function started(env: Record<string, string>): Promise<string> {
  const probe = new Backend();
  const url = await probe.start();
  await probe.stop();
  const child = start({ PORT: new URL(url).port, ...env });
  for (;;) {
    const isUp = await fetch(`${url}/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (isUp) {
      return url;
    }
    if (child.exitCode !== null) {
      throw new Error(`The server ended with ${child.exitCode}:\n${output}`);
    }
    await sleep(50);
  }
}

function lines(): Line[] {
  return output
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}

beforeEach(() => {
  backend = new Backend();
  if (!existsSync(SERVER)) {
    throw new Error("There is no built server: run `npm run build` first.");
  }
});

afterEach(async () => {
  if (server?.exitCode === null && server.signalCode === null) {
    server.kill("SIGKILL");
    await once(server, "exit");
  }
  await backend.stop();
});

describe("the built server", () => {
  it.each(["/health", "/api/health"])("tells its health at %s, whether or not there is a backend", async (path) => {
    const url = await started({ BACKEND_INTERNAL_URL: "http://127.0.0.1:1" });
    const response = await fetch(url + path);
    const body = (await response.json()) as { timestamp: string };
    expect(response.status).toBe(200);
    expect(body).toEqual({ status: "healthy", timestamp: expect.any(String), service: "frontend" });
    expect(new Date(body.timestamp).toISOString()).toBe(body.timestamp);
  });

  it("takes its settings at run time", async () => {
    const url = await started({ BACKEND_INTERNAL_URL: await backend.start(), NEXT_PUBLIC_APP_NAME: "Taskflow <1>" });
    const page = await (await fetch(`${url}/sign-in`)).text();
    expect(page).toContain("<title>Sign in · Taskflow &lt;1&gt;</title>");
  });

  it("gives each page a policy without unsafe sources, and its nonce to every script", async () => {
    const url = await started({ BACKEND_INTERNAL_URL: await backend.start() });
    const [first, second] = await Promise.all([fetch(`${url}/sign-in`), fetch(`${url}/no-such-page`)]);
    expect(second.status).toBe(404);
    const nonces = await Promise.all(
      [first, second].map(async (response) => {
        const policy = response.headers.get("content-security-policy") ?? "";
        const nonce = /script-src 'self' 'nonce-([\w+/=]+)' 'strict-dynamic'/.exec(policy)?.[1] ?? "";
        const page = await response.text();
        expect(policy).not.toContain("unsafe");
        expect(response.headers.get("x-content-type-options")).toBe("nosniff");
        expect(page.match(/<script\b/g)?.length).toBe(
          page.split(`nonce="${nonce}"`).length - 1 - linksWith(nonce, page),
        );
        expect(page).not.toMatch(/\sstyle="/);
        return nonce;
      }),
    );
    expect(new Set(nonces).size).toBe(2);
  });

  it("sends its scripts compressed ahead, to be kept for good", async () => {
    const url = await started({ BACKEND_INTERNAL_URL: await backend.start() });
    const page = await (await fetch(`${url}/sign-in`)).text();
    const scripts = [...page.matchAll(/src="(\/_next\/static\/[^"]+\.js)"/g)].map((match) => url + match[1]);
    expect(scripts.length).toBeGreaterThan(0);
    for (const encoding of ["br", "gzip"]) {
      for (const script of scripts) {
        const response = await fetch(script, { headers: { "accept-encoding": encoding } });
        expect(response.headers.get("content-encoding")).toBe(encoding);
        expect(response.headers.get("cache-control")).toBe("public,max-age=31536000,immutable");
        expect(response.headers.get("x-content-type-options")).toBe("nosniff");
        expect(await response.text()).toBe(
          await (await fetch(script, { headers: { "accept-encoding": "identity" } })).text(),
        );
      }
    }
  });

  it("logs each request as JSON, with its id, and tells the backend who asked", async () => {
    const url = await started({ BACKEND_INTERNAL_URL: await backend.start(), NEXT_PUBLIC_LOG_LEVEL: "info" });
    const response = await fetch(`${url}/bff/tasks?q=private`, {
      headers: { "x-request-id": "request-7", "x-forwarded-for": "192.0.2.1" },
    });
    expect(response.headers.get("x-request-id")).toBe("request-7");
    expect(backend.received[0]?.headers["x-forwarded-for"]).toMatch(/^192\.0\.2\.1, (::ffff:)?127\.0\.0\.1$/);
    const requests = () => lines().filter((line) => line.message === "request");
    await expect.poll(requests).toEqual([
      expect.objectContaining({
        level: "info",
        method: "GET",
        path: "/bff/tasks",
        status: 200,
        request_id: "request-7",
      }),
    ]);
    expect(output).not.toContain("private");
  });

  it.each([
    ["debug", ["backend request failed", "request", "request"]],
    ["info", ["backend request failed", "request"]],
    ["warning", ["backend request failed"]],
    ["error", []],
  ])("logs at the level %s what belongs to it", async (level, expected) => {
    const url = await started({ BACKEND_INTERNAL_URL: "http://127.0.0.1:1", NEXT_PUBLIC_LOG_LEVEL: level });
    const init = { headers: { "x-request-id": "ours" } };
    await fetch(`${url}/bff/tasks`, init);
    await fetch(`${url}/health`, init);
    const messages = () =>
      lines()
        .filter((line) => line.request_id === "ours")
        .map((line) => line.message);
    await expect.poll(messages).toEqual(expected);
  });

  it.each(["todo-backend", "elsewhere.todo.svc"])("asks %s where NEXT_PUBLIC_API_URL names it", async (name) => {
    const url = await started({ NEXT_PUBLIC_API_URL: `http://${name}:8000` });
    await fetch(`${url}/bff/tasks`);
    await expect.poll(() => output).toMatch(new RegExp(`getaddrinfo \\w+ ${name}`));
  });

  it.each([
    ["http://192.0.2.7:30080", 200],
    ["http://192.0.2.8:30080", 403],
  ])("takes what pages at BETTER_AUTH_URL %s send", async (address, status) => {
    const url = await started({ BACKEND_INTERNAL_URL: await backend.start(), BETTER_AUTH_URL: address });
    const headers = { origin: "http://192.0.2.7:30080" };
    expect((await fetch(`${url}/bff/tasks`, { method: "POST", headers })).status).toBe(status);
  });

  it.each([
    ["jH7bF5dS1gP0yAmZ4xT8vQ2nL6wR9cK3", false],
    ["mZ4xT8vQ2nL6wR9cK3jH7bF5dS1gP0yA", true],
  ])("tells whether BETTER_AUTH_SECRET is the backend's", async (secret, isTold) => {
    const content = [{ alg: "HS256" }, { sub: "1" }].map((part) =>
      Buffer.from(JSON.stringify(part)).toString("base64url"),
    );
    const key = createHmac("sha256", "jH7bF5dS1gP0yAmZ4xT8vQ2nL6wR9cK3");
    const access_token = [...content, key.update(content.join(".")).digest("base64url")].join(".");
    const tokens = { access_token, refresh_token: "r", token_type: "bearer", expires_in: 900, refresh_expires_in: 900 };
    backend.answer = (_request, response) => json(response, 200, tokens);
    const url = await started({ BACKEND_INTERNAL_URL: await backend.start(), BETTER_AUTH_SECRET: secret });
    const headers = { origin: url, "x-request-id": "ours" };
    expect((await fetch(`${url}/bff/auth/login`, { method: "POST", headers, body: "{}" })).status).toBe(204);
    await expect
      .poll(() => lines().some((line) => line.message === "request" && line.request_id === "ours"))
      .toBe(true);
    expect(output.includes("BETTER_AUTH_SECRET is not the backend's")).toBe(isTold);
  });

  it.each([
    ["production", false],
    ["development", true],
  ])("says of NODE_ENV %s whether it is what it is built for", async (mode, isTold) => {
    await started({ BACKEND_INTERNAL_URL: await backend.start(), NODE_ENV: mode });
    await expect.poll(() => lines().some((line) => line.message === "listening")).toBe(true);
    expect(output.includes(`NODE_ENV is ${mode}`)).toBe(isTold);
  });

  it("ends a request that is under way before it stops on SIGTERM", async () => {
    let release = () => {};
    const isAsked = new Promise<void>((asked) => {
      backend.answer = async (_request, response) => {
        asked();
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        response.end("kept");
      };
    });
    const url = await started({ BACKEND_INTERNAL_URL: await backend.start(), KEEP_ALIVE_TIMEOUT: "600000" });
    const answer = fetch(`${url}/bff/slow`);
    await isAsked;
    const exit = once(server as ChildProcess, "exit");
    server?.kill("SIGTERM");
    await expect
      .poll(() =>
        fetch(`${url}/health`).then(
          () => "open",
          () => "closed",
        ),
      )
      .toBe("closed");
    release();
    expect(await (await answer).text()).toBe("kept");
    expect(await exit).toEqual([0, null]);
    expect(lines().at(-1)).toMatchObject({ level: "info", message: "stopped" });
  });

  it("hands a stream on event by event, and ends it on SIGTERM so that its reader goes on elsewhere", async () => {
    let say = (_event: string) => {};
    backend.answer = (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
      say = (event) => response.write(`data: ${event}\n\n`);
      say("first");
    };
    const url = await started({ BACKEND_INTERNAL_URL: await backend.start() });
    const { body, headers } = await fetch(`${url}/bff/chat/1/events`, { headers: { "accept-encoding": "gzip, br" } });
    expect(headers.get("content-encoding")).toBeNull();
    const reader = (body as ReadableStream<BufferSource>).pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe("data: first\n\n");
    say("second");
    expect((await reader.read()).value).toBe("data: second\n\n");

    const exit = once(server as ChildProcess, "exit");
    server?.kill("SIGTERM");
    expect((await reader.read()).done).toBe(true);
    expect(await exit).toEqual([0, null]);
  });

  it("draws the first page in the theme that was chosen", async () => {
    const url = await started({ BACKEND_INTERNAL_URL: await backend.start() });
    const page = async (cookie: string) => (await fetch(`${url}/sign-in`, { headers: { cookie } })).text();
    expect(await page("todo_theme=dark")).toMatch(/<html lang="en" data-theme="dark"/);
    expect(await page("todo_theme=%22onload")).toMatch(/<html lang="en">/);
  });

  it.each([
    [{}, "BACKEND_INTERNAL_URL is not set"],
    [{ NEXT_PUBLIC_API_URL: "http://localhost:8000" }, "is an address for browsers"],
    [{ BACKEND_INTERNAL_URL: "http://backend", NEXT_PUBLIC_OPENAI_API_KEY: "sk-canary" }, "OPENAI_API_KEY"],
  ])("refuses to start with %o and says why", async (env: Record<string, string>, reason) => {
    const [code] = await once(start(env), "close");
    expect(code).toBe(1);
    expect(lines()).toEqual([expect.objectContaining({ level: "error", message: expect.stringContaining(reason) })]);
    expect(output).not.toContain("sk-canary");
  });
});

function linksWith(nonce: string, page: string): number {
  return page.match(/<link [^>]*>/g)?.filter((link) => link.includes(`nonce="${nonce}"`)).length ?? 0;
}
