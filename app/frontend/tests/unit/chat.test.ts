import { onlineManager } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError, type MessageRead } from "@/api";
import { answerTo } from "@/features/chat/answer";
import { toEntries } from "@/features/chat/entries";
import { Backend, json } from "./backend";

const START = { conversation_id: "c", message_id: "m", user_message_id: "u" };
const DONE = { reason: "answered", provider: "rules" };

let backend: Backend;
let url: string;

const line = (id: number, event: string, data: object) =>
  `id: m:${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

beforeEach(async () => {
  backend = new Backend();
  url = await backend.start();
  // In a page addresses begin at its own origin.
  const { fetch } = globalThis;
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => fetch(url + path, init));
});

afterEach(async () => {
  vi.unstubAllGlobals();
  onlineManager.setOnline(true);
  await backend.stop();
});

async function typesOf(asked: Parameters<typeof answerTo>[0]): Promise<string[]> {
  const types: string[] = [];
  for await (const event of answerTo(asked)) {
    types.push(event.type === "text" ? event.text : event.type);
  }
  return types;
}

const stream = { "content-type": "text/event-stream" };

describe("an answer", () => {
  it("is asked for once, and comes event by event; what a newer server may send besides is left out", async () => {
    backend.answer = (_request, response) => {
      response.writeHead(200, stream);
      response.write(": a comment\n\n");
      response.write(line(1, "start", START) + line(2, "text", { text: "Good " }).slice(0, 30));
      response.end(line(2, "text", { text: "Good " }).slice(30) + line(3, "mood", {}) + line(4, "done", DONE));
    };
    expect(await typesOf({ message: "Hi" })).toEqual(["start", "Good ", "done"]);
    expect(backend.received).toEqual([
      expect.objectContaining({
        method: "POST",
        url: "/bff/chat",
        body: '{"message":"Hi"}',
        headers: expect.objectContaining({
          accept: "text/event-stream",
          "idempotency-key": expect.stringMatching(/^[0-9a-f]{32}$/),
        }),
      }),
    ]);
  });

  it("goes on after its last event when it is cut", async () => {
    backend.answer = ({ method }, response) => {
      response.writeHead(200, stream);
      if (method === "POST") {
        response.write(line(1, "start", START) + line(2, "text", { text: "Half" }), () => response.destroy());
      } else {
        response.end(line(3, "text", { text: " and half" }) + line(4, "done", DONE));
      }
    };
    expect(await typesOf({ message: "Hi" })).toEqual(["start", "Half", "cut", "back", " and half", "done"]);
    expect(backend.received[1]).toMatchObject({ url: "/bff/chat/m/events", headers: { "last-event-id": "m:2" } });
  });

  it("is asked for again with the same key when nobody knows whether it was", async () => {
    backend.answer = ({ url: path }, response) => {
      const posts = backend.received.filter((request) => request.method === "POST").length;
      if (path === "/bff/status") {
        response.end();
      } else if (posts === 1) {
        json(response, 502, { detail: "broken off" });
      } else {
        response.writeHead(200, stream).end(line(1, "start", START) + line(2, "done", DONE));
      }
    };
    expect(await typesOf({ message: "Hi" })).toEqual(["cut", "back", "start", "done"]);
    const keys = backend.received
      .filter(({ method }) => method === "POST")
      .map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
  });

  it("that is refused says why", async () => {
    backend.answer = (_request, response) => json(response, 429, { detail: "Slowly, please." });
    const refused = typesOf({ message: "Hi" });
    await expect(refused).rejects.toThrow(new ApiError(429, "Slowly, please."));
    expect(backend.received).toHaveLength(1);
  });
});

describe("stored messages", () => {
  const message = (fields: Partial<MessageRead>): MessageRead => ({
    id: "",
    turn_id: "m",
    role: "assistant",
    content: "",
    tool_calls: null,
    tool_call_id: null,
    tool_name: null,
    tool_args: null,
    tool_result: null,
    is_error: null,
    created_at: "",
    ...fields,
  });

  it("are told as they were said: one entry for each side, each tool with what came of it", () => {
    const call = { id: "1", name: "add_task", arguments: { title: "Milk" } };
    const outcome = {
      tool_call_id: "1",
      tool_name: "add_task",
      tool_args: { title: "Milk" },
      tool_result: { id: "t" },
    };
    const newestFirst = [
      message({ id: "e", role: "user", content: "Thanks" }),
      message({ id: "d", content: "Done." }),
      message({ id: "c", ...outcome, is_error: false }),
      message({ id: "b", content: "I add it.", tool_calls: [call] }),
      message({ id: "a", role: "user", content: "Add milk" }),
    ];
    expect(toEntries(newestFirst)).toEqual([
      { id: "a", role: "user", parts: [{ type: "text", text: "Add milk" }] },
      {
        id: "b",
        role: "assistant",
        parts: [
          { type: "text", text: "I add it." },
          { type: "tool", ...call, outcome: { result: { id: "t" }, isError: false } },
          { type: "text", text: "Done." },
        ],
      },
      { id: "e", role: "user", parts: [{ type: "text", text: "Thanks" }] },
    ]);
  });

  it("keep a call without an outcome open", () => {
    const call = { id: "1", name: "delete_task", arguments: {} };
    const [entry] = toEntries([message({ id: "a", tool_calls: [call] })]);
    expect(entry?.parts).toEqual([{ type: "tool", ...call }]);
  });
});
