import { createHmac } from "node:crypto";
import { NextRequest, type NextResponse } from "next/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type * as Handler from "@/server/bff/handler";
import { Backend, json, type Received } from "./backend";

const APP = "http://todo.localhost";

interface Options {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  session?: { access?: string; refresh?: string };
}

let backend: Backend;
let url: string;
let handle: typeof Handler.handle;

/** What a browser sends from a page of the app. */
function bff(path: string, { method = "GET", body, headers = {}, session = {} }: Options = {}): Promise<NextResponse> {
  const cookies = Object.entries(session).map(([name, value]) => `todo_${name}=${value}`);
  const request = new NextRequest(`${APP}/bff${path}`, {
    method,
    headers: {
      host: "todo.localhost",
      ...(method !== "GET" && { origin: APP, "sec-fetch-site": "same-origin" }),
      ...(body !== undefined && !(body instanceof FormData) && { "content-type": "application/json" }),
      ...(cookies.length > 0 && { cookie: cookies.join("; ") }),
      ...headers,
    },
    ...(body !== undefined && { body: body instanceof FormData ? body : JSON.stringify(body) }),
  });
  const segments = request.nextUrl.pathname.split("/").slice(2).map(decodeURIComponent);
  return handle(request, segments);
}

function cookiesOf(response: NextResponse): Record<string, string> {
  return Object.fromEntries(response.headers.getSetCookie().map((cookie) => [cookie.split("=", 1)[0], cookie]));
}

function upload(size: number): FormData {
  const form = new FormData();
  form.set("file", new Blob(["x".repeat(size)], { type: "text/plain" }), "a.txt");
  return form;
}

const tokens = (generation: number) => ({
  access_token: `access-${generation}`,
  refresh_token: `refresh-${generation}`,
  token_type: "bearer",
  expires_in: 900,
});

beforeEach(async () => {
  backend = new Backend();
  url = await backend.start();
  vi.stubEnv("BACKEND_INTERNAL_URL", url);
  vi.stubEnv("BACKEND_TIMEOUT_SECONDS", "1");
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  vi.resetModules();
  ({ handle } = await import("@/server/bff/handler"));
});

afterEach(() => backend.stop());

describe("forwarding", () => {
  it("passes method, path, query, body and token on, and the answer back", async () => {
    backend.answer = (_request, response) => json(response, 201, { id: 1 });
    const response = await bff("/tasks/a%2Fb?limit=5&cursor=x%3D", {
      method: "PATCH",
      body: { title: "Tea" },
      session: { access: "access-1", refresh: "refresh-1" },
      headers: { "x-forwarded-for": "192.0.2.7, 10.0.0.1" },
    });

    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ id: 1 });
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(backend.received).toHaveLength(1);
    expect(backend.received[0]).toMatchObject({
      method: "PATCH",
      url: "/api/v1/tasks/a%2Fb?limit=5&cursor=x%3D",
      body: '{"title":"Tea"}',
      headers: {
        authorization: "Bearer access-1",
        "content-type": "application/json",
        "x-forwarded-for": "192.0.2.7, 10.0.0.1",
      },
    });
  });

  it("sends the browser's cookies and authorization to nobody", async () => {
    await bff("/tasks", { session: { access: "access-1" }, headers: { authorization: "Bearer forged" } });
    expect(backend.received[0]?.headers.authorization).toBe("Bearer access-1");
    expect(backend.received[0]?.headers.cookie).toBeUndefined();
  });

  it("keeps the backend's cookies from the browser", async () => {
    backend.answer = (_request, response) => void response.setHeader("set-cookie", "todo_access=forged").end();
    expect((await bff("/tasks")).headers.getSetCookie()).toEqual([]);
  });

  it("passes the request id through, and makes one where it is missing or unsafe", async () => {
    const response = await bff("/tasks", { headers: { "x-request-id": "from-ingress-1" } });
    expect(response.headers.get("x-request-id")).toBe("from-ingress-1");
    expect(backend.received[0]?.headers["x-request-id"]).toBe("from-ingress-1");

    const other = await bff("/tasks", { headers: { "x-request-id": 'x" injected="1' } });
    expect(other.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(backend.received[1]?.headers["x-request-id"]).toBe(other.headers.get("x-request-id"));
  });

  it("hands problem documents on as they are", async () => {
    const problem = { type: "about:blank", title: "Unprocessable Content", status: 422, detail: "title: blank" };
    backend.answer = (_request, response) => json(response, 422, problem, "application/problem+json");
    const response = await bff("/tasks", { method: "POST", body: { title: " " }, session: { access: "a" } });
    expect(response.status).toBe(422);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toEqual(problem);
  });

  it("passes a program's own token on, which needs no page of this app", async () => {
    const headers = { authorization: "Bearer of-a-program", origin: "http://elsewhere.test" };
    expect((await bff("/tasks", { method: "POST", body: {}, headers })).status).toBe(200);
    expect(backend.received[0]?.headers.authorization).toBe("Bearer of-a-program");
  });

  it("does not let a token of another site's page speak for the browser's session", async () => {
    const headers = { authorization: "Bearer forged", origin: "http://evil.test" };
    const response = await bff("/tasks", { method: "POST", body: {}, headers, session: { access: "access-1" } });
    expect(response.status).toBe(403);
    expect(backend.received).toHaveLength(0);
  });

  it("asks for a stream from where it was cut, and has nobody hold it back", async () => {
    backend.answer = (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" }).end("data: 1\n\n");
    };
    const response = await bff("/chat/1/events", { headers: { "last-event-id": "1:7", accept: "text/event-stream" } });
    expect(backend.received[0]?.headers).toMatchObject({ "last-event-id": "1:7", accept: "text/event-stream" });
    expect(response.headers.get("cache-control")).toBe("no-store, no-transform");
  });

  it("streams an answer that takes longer than the backend has to begin it", async () => {
    backend.answer = async (_request, response) => {
      response.write("first ");
      await new Promise((resolve) => setTimeout(resolve, 1200));
      response.end("last");
    };
    expect(await (await bff("/stream")).text()).toBe("first last");
  });

  it("refuses to leave the API's prefix", async () => {
    const response = await handle(new NextRequest(`${APP}/bff/x`), ["tasks", "..", "..", "..", "health"]);
    expect(response.status).toBe(404);
    expect(backend.received).toHaveLength(0);
  });

  it("keeps a slash that is part of a name", async () => {
    await bff("/..%2F..%2Fhealth");
    expect(backend.received.map((request) => request.url)).toEqual(["/api/v1/..%2F..%2Fhealth"]);
  });

  it("sends files on as they come, however large", async () => {
    expect(
      (await bff("/import", { method: "POST", body: upload(3 * 1024 * 1024), session: { access: "a" } })).status,
    ).toBe(200);
    const [{ headers, body }] = backend.received as [Received];
    expect(headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(body.length).toBeGreaterThan(3 * 1024 * 1024);
  });

  it("asks for files once more when it had to renew the session after them", async () => {
    backend.answer = (request, response) =>
      request.url.endsWith("/refresh") ? json(response, 200, tokens(2)) : json(response, 401, {});
    const session = { access: "access-1", refresh: "spent-on-a-file" };
    const response = await bff("/import", { method: "POST", body: upload(10), session });
    expect(response.status).toBe(503);
    expect(cookiesOf(response).todo_access).toContain("access-2");
    expect(backend.received).toHaveLength(2);
  });

  it("refuses a body over 1 MiB", async () => {
    expect((await bff("/tasks", { method: "POST", body: "x".repeat(1024 * 1024) })).status).toBe(413);
    expect(backend.received).toHaveLength(0);
  });
});

describe("cross-site writes", () => {
  it.each([
    ["another site", { "sec-fetch-site": "cross-site" }],
    ["a sister domain", { "sec-fetch-site": "same-site", origin: "http://other.localhost" }],
    [
      "another origin, from a browser that tells no more",
      { "sec-fetch-site": "same-origin", origin: "http://evil.test" },
    ],
    ["an opaque origin", { origin: "null" }],
  ])("are refused from %s", async (_name, headers: Record<string, string>) => {
    const response = await bff("/tasks", { method: "POST", body: {}, headers, session: { access: "a" } });
    expect(response.status).toBe(403);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(backend.received).toHaveLength(0);
  });

  it("are refused when the browser says nothing of where they come from", async () => {
    const request = new NextRequest(`${APP}/bff/tasks`, { method: "POST", headers: { host: "todo.localhost" } });
    expect((await handle(request, ["tasks"])).status).toBe(403);
  });

  it("are let through from the public address, where the proxy in front doesn't tell it", async () => {
    vi.stubEnv("BETTER_AUTH_URL", "http://todo.example.test:30080/api/auth");
    const from = (origin: string) => bff("/tasks", { method: "POST", body: {}, headers: { origin } });
    expect((await from("http://todo.example.test:30080")).status).toBe(200);
    expect((await from("http://todo.example.test")).status).toBe(403);
  });

  it("are told apart by the host that the proxy in front was asked for", async () => {
    const headers = { host: "10.0.0.9:3000", "x-forwarded-host": "todo.localhost" };
    expect((await bff("/tasks", { method: "POST", body: {}, headers })).status).toBe(200);
  });
});

describe("sign-in", () => {
  it("keeps the tokens in httpOnly cookies and out of the answer", async () => {
    backend.answer = (_request, response) => json(response, 200, tokens(1));
    const response = await bff("/auth/login", { method: "POST", body: { email: "a@b.test", password: "secret" } });

    expect(response.status).toBe(204);
    expect(await response.text()).toBe("");
    const { todo_access, todo_refresh } = cookiesOf(response);
    expect(todo_access).toMatch(/^todo_access=access-1; .*Max-Age=900; .*HttpOnly; SameSite=lax$/i);
    expect(todo_refresh).toMatch(/^todo_refresh=refresh-1; .*HttpOnly; SameSite=lax$/i);
    expect(todo_access).not.toContain("Secure");
  });

  it("marks the cookies Secure where the browser came by https", async () => {
    backend.answer = (_request, response) => json(response, 200, tokens(1));
    const headers = { "x-forwarded-proto": "https", origin: "https://todo.localhost" };
    const response = await bff("/auth/login", { method: "POST", body: {}, headers });
    for (const cookie of Object.values(cookiesOf(response))) {
      expect(cookie).toContain("Secure");
    }
  });

  it("passes a refusal on and sets nothing", async () => {
    backend.answer = (_request, response) => json(response, 401, { detail: "wrong" }, "application/problem+json");
    const response = await bff("/auth/login", { method: "POST", body: {} });
    expect(response.status).toBe(401);
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  it.each([
    ["tells when the two servers have different keys", "mZ4xT8vQ2nL6wR9cK3jH7bF5dS1gP0yA", true],
    ["says nothing when they have the same", "jH7bF5dS1gP0yAmZ4xT8vQ2nL6wR9cK3", false],
  ])("%s", async (_name, secret, isTold) => {
    vi.stubEnv("BETTER_AUTH_SECRET", secret);
    const content = [{ alg: "HS256" }, { sub: "1" }].map((part) =>
      Buffer.from(JSON.stringify(part)).toString("base64url"),
    );
    const signature = createHmac("sha256", "jH7bF5dS1gP0yAmZ4xT8vQ2nL6wR9cK3")
      .update(content.join("."))
      .digest("base64url");
    const access_token = [...content, signature].join(".");
    backend.answer = (_request, response) => json(response, 200, { ...tokens(1), access_token });
    expect((await bff("/auth/login", { method: "POST", body: {} })).status).toBe(204);
    const logged = vi.mocked(process.stdout.write).mock.calls.join();
    expect(logged.includes("BETTER_AUTH_SECRET is not the backend's")).toBe(isTold);
    expect(logged).not.toContain(secret);
  });

  it("is not mistaken for done when the answer holds no tokens", async () => {
    backend.answer = (_request, response) => json(response, 200, { access_token: "only-one" });
    const response = await bff("/auth/login", { method: "POST", body: {} });
    expect(response.status).toBe(502);
    expect(response.headers.getSetCookie()).toEqual([]);
  });
});

describe("refresh", () => {
  let valid = 1;

  beforeEach(() => {
    valid = 1;
    // Rotates like the real one: each refresh token is good for one exchange.
    backend.answer = async ({ url: path, headers, body }, response) => {
      if (path === "/api/v1/auth/refresh") {
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (JSON.parse(body).refresh_token !== `refresh-${valid}`) {
          return json(response, 401, { detail: "spent" });
        }
        valid += 1;
        return json(response, 200, tokens(valid));
      }
      const isKnown = headers.authorization === `Bearer access-${valid}` && valid > 1;
      return json(response, isKnown ? 200 : 401, { known: isKnown });
    };
  });

  const refreshes = () => backend.received.filter((request) => request.url.endsWith("/auth/refresh")).length;

  it("happens behind a 401, and the request is sent again with its body", async () => {
    const session = { access: "stale", refresh: "refresh-1" };
    const response = await bff("/tasks", { method: "POST", body: { title: "Tea" }, session });
    expect(response.status).toBe(200);
    expect(cookiesOf(response).todo_access).toContain("access-2");
    expect(cookiesOf(response).todo_refresh).toContain("refresh-2");
    expect(backend.received.at(-1)).toMatchObject({ url: "/api/v1/tasks", body: '{"title":"Tea"}' });
    expect(backend.received.find((request) => request.url.endsWith("/refresh"))?.headers.authorization).toBeUndefined();
  });

  it("comes first when the access token's cookie has expired", async () => {
    expect((await bff("/tasks", { session: { refresh: "refresh-1" } })).status).toBe(200);
    expect(backend.received.map((request) => request.url)).toEqual(["/api/v1/auth/refresh", "/api/v1/tasks"]);
  });

  it("happens once for all requests that carry the same token, also for one that comes late", async () => {
    const session = { access: "stale", refresh: "refresh-1" };
    const all = await Promise.all(Array.from({ length: 8 }, () => bff("/tasks", { session })));
    const late = await bff("/tasks", { session });
    for (const response of [...all, late]) {
      expect(response.status).toBe(200);
      expect(cookiesOf(response).todo_refresh).toContain("refresh-2");
    }
    expect(refreshes()).toBe(1);
  });

  it("that is refused ends the session", async () => {
    const response = await bff("/tasks", { session: { access: "stale", refresh: "refresh-0" } });
    expect(response.status).toBe(401);
    expect(cookiesOf(response).todo_access).toMatch(/^todo_access=; .*Max-Age=0/);
    expect(cookiesOf(response).todo_refresh).toMatch(/^todo_refresh=; .*Max-Age=0/);
  });

  it("that nobody can answer does not end the session", async () => {
    backend.answer = (request, response) => json(response, request.url.endsWith("/refresh") ? 503 : 401, {});
    const response = await bff("/tasks", { session: { access: "stale", refresh: "refresh-1" } });
    expect(response.status).toBe(503);
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  it("is not for the browser to ask for", async () => {
    const response = await bff("/auth/refresh", { method: "POST", body: {}, session: { refresh: "refresh-1" } });
    expect(response.status).toBe(404);
    expect(backend.received).toHaveLength(0);
  });
});

describe("sign-out", () => {
  const session = { access: "access-1", refresh: "refresh-1" };

  it("ends the session at the backend and here", async () => {
    backend.answer = (_request, response) => void response.writeHead(204).end();
    const response = await bff("/auth/logout", { method: "POST", session });
    expect(response.status).toBe(204);
    expect(cookiesOf(response).todo_refresh).toMatch(/Max-Age=0/);
    expect(backend.received[0]).toMatchObject({
      url: "/api/v1/auth/logout",
      headers: { authorization: "Bearer access-1" },
    });
  });

  it("works here also when the backend is gone", async () => {
    await backend.stop();
    const response = await bff("/auth/logout", { method: "POST", session });
    expect(response.status).toBe(204);
    expect(cookiesOf(response).todo_access).toMatch(/Max-Age=0/);
  });
});

describe("a backend that does not answer", () => {
  const write = { method: "POST", body: { title: "Tea" }, session: { access: "access-1" } };

  it("is told as 503 when it can't be reached", async () => {
    await backend.stop();
    const response = await bff("/tasks", { ...write, headers: { "x-request-id": "request-1" } });
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("3");
    expect(await response.json()).toEqual({
      type: "about:blank",
      title: "Service Unavailable",
      status: 503,
      detail: "The backend can't be reached at the moment.",
      request_id: "request-1",
    });
  });

  it("is waited for a moment, as a restart takes one", async () => {
    const port = Number(new URL(url).port);
    await backend.stop();
    const response = bff("/tasks", write);
    await backend.start(port);
    expect((await response).status).toBe(200);
    expect(backend.received).toHaveLength(1);
  });

  it("is told as 502 when it breaks off, and a write is not sent twice", async () => {
    backend.answer = (_request, response) => void response.destroy();
    expect((await bff("/tasks", write)).status).toBe(502);
    expect(backend.received).toHaveLength(1);
  });

  it("is asked again for a read that broke off", async () => {
    backend.answer = (_request, response) => void (backend.received.length > 1 ? response.end() : response.destroy());
    expect((await bff("/tasks", { session: { access: "access-1" } })).status).toBe(200);
  });

  it("is told as 504 when it takes too long", async () => {
    backend.answer = () => undefined;
    expect((await bff("/tasks", write)).status).toBe(504);
  });
});

describe("status", () => {
  it("says that the backend is ready", async () => {
    expect((await bff("/status")).status).toBe(204);
    expect(backend.received[0]?.url).toBe("/readyz");
  });

  it("says that the backend is there but not ready", async () => {
    backend.answer = (_request, response) => json(response, 503, {});
    expect((await bff("/status")).status).toBe(503);
  });
});
