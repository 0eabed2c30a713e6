import { describe, expect, it } from "vitest";

import { ConfigError, readConfig } from "@/server/config";

const INTERNAL = { BACKEND_INTERNAL_URL: "http://todo-backend:8000" };

const SECRET = "mZ4xT8vQ2nL6wR9cK3jH7bF5dS1gP0yA";

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.problems;
    }
    throw error;
  }
  return [];
}

describe("readConfig", () => {
  it("has a default for everything but the backend's address", () => {
    expect(readConfig(INTERNAL)).toEqual({
      appName: "Todo",
      backendUrl: "http://todo-backend:8000",
      apiPrefix: "/api/v1",
      backendTimeoutMs: 30_000,
      listen: { hostname: "0.0.0.0", port: 3000, keepAliveTimeoutMs: 120_000 },
    });
  });

  it("takes no container's name for the address to listen on", () => {
    expect(readConfig({ ...INTERNAL, HOSTNAME: "todo-frontend-6d5f" }).listen.hostname).toBe("0.0.0.0");
  });

  it("reads every setting", () => {
    const env = {
      ...INTERNAL,
      BACKEND_API_PREFIX: "/todo/api/",
      BACKEND_TIMEOUT_SECONDS: "1.5",
      HOSTNAME: "::",
      PORT: "8080",
      KEEP_ALIVE_TIMEOUT: "65000",
      NEXT_PUBLIC_APP_NAME: "Taskflow",
      NEXT_PUBLIC_LOG_LEVEL: "WARNING",
      NEXT_PUBLIC_API_URL: "http://todo.local",
      NEXT_PUBLIC_OPENAI_API_KEY: "your-key-here",
      NEXT_PUBLIC_OPENAI_DOMAIN_KEY: "domain",
      BETTER_AUTH_SECRET: SECRET,
      BETTER_AUTH_URL: "http://192.0.2.7:30080/api/auth",
    };
    expect(readConfig(env)).toEqual({
      appName: "Taskflow",
      backendUrl: "http://todo-backend:8000",
      apiPrefix: "/todo/api",
      backendTimeoutMs: 1500,
      authSecret: SECRET,
      publicOrigin: "http://192.0.2.7:30080",
      listen: { hostname: "::", port: 8080, keepAliveTimeoutMs: 65_000 },
    });
  });

  it.each([
    "http://taskflow-backend-service:8000",
    "http://backend.todo-dev.svc",
    "http://backend.todo-dev.svc.cluster.local:8000",
  ])("falls back to the in-cluster NEXT_PUBLIC_API_URL %s", (url) => {
    expect(readConfig({ NEXT_PUBLIC_API_URL: url }).backendUrl).toBe(url);
  });

  it.each([
    "http://localhost:8000",
    "http://127.0.0.1:8000",
    "http://[::1]:8000",
    "http://todo.local",
    "https://api.example.com",
  ])("refuses to fall back to %s, which is for browsers", (url) => {
    expect(problemsOf({ NEXT_PUBLIC_API_URL: url })).toEqual([expect.stringContaining("Set BACKEND_INTERNAL_URL")]);
  });

  it.each(["todo-backend:8000", "ftp://todo-backend", "http://user:secret@todo-backend", "http://todo-backend/api/v1"])(
    "refuses %s as the backend's address and does not repeat it",
    (url) => {
      const problems = problemsOf({ BACKEND_INTERNAL_URL: url });
      expect(problems).toEqual([expect.stringContaining("BACKEND_INTERNAL_URL")]);
      expect(problems.join()).not.toContain("secret");
    },
  );

  it("refuses to publish a provider's key, and does not repeat it", () => {
    const problems = problemsOf({ ...INTERNAL, NEXT_PUBLIC_OPENAI_API_KEY: "sk-canary" });
    expect(problems).toEqual([expect.stringContaining("OPENAI_API_KEY")]);
    expect(problems.join()).not.toContain("sk-canary");
  });

  it.each([
    ["BETTER_AUTH_SECRET", "too-short-canary"],
    ["BETTER_AUTH_URL", "canary:30080"],
    ["BETTER_AUTH_URL", "http://user:canary@todo.test"],
  ])("refuses an unusable %s and does not repeat it", (name, value) => {
    const problems = problemsOf({ ...INTERNAL, [name]: value });
    expect(problems).toEqual([expect.stringContaining(name)]);
    expect(problems.join()).not.toContain("canary");
  });

  it("names all problems at once", () => {
    const env = {
      NEXT_PUBLIC_LOG_LEVEL: "loud",
      BACKEND_TIMEOUT_SECONDS: "soon",
      BACKEND_API_PREFIX: "api v1",
      PORT: "0",
    };
    const named = problemsOf(env).map((problem) => problem.split(" ")[0]);
    const names = [
      "BACKEND_INTERNAL_URL",
      "BACKEND_API_PREFIX",
      "NEXT_PUBLIC_LOG_LEVEL",
      "BACKEND_TIMEOUT_SECONDS",
      "PORT",
    ];
    expect(new Set(named)).toEqual(new Set(names));
  });
});
