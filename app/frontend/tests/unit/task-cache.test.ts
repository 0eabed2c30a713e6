import { QueryClient } from "@tanstack/react-query";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { addTag, change, complete } from "@/features/tasks/actions";
import type { Filter } from "@/features/tasks/filter";
import {
  findTask,
  insertTask,
  listKey,
  refreshTasks,
  removeTasks,
  type Task,
  type TaskPages,
  updateTask,
} from "@/features/tasks/task-cache";
import { task } from "./task";

let client: QueryClient;

beforeEach(() => {
  client = new QueryClient();
});

function hold(filter: Filter, ...pages: Task[][]): void {
  client.setQueryData<TaskPages>(listKey(filter), {
    pages: pages.map((items, index) => ({ items, next_cursor: index < pages.length - 1 ? `${index}` : null })),
    pageParams: pages.map((_, index) => (index ? `${index}` : undefined)),
  });
}

function titles(filter: Filter): (string[] | undefined)[] {
  const pages = client.getQueryData<TaskPages>(listKey(filter))?.pages ?? [];
  return pages.map((page) => page.items.map(({ title }) => title));
}

describe("lists", () => {
  const a = task({ title: "a", created_at: "2026-11-03T00:00:00Z" });
  const b = task({ title: "b", created_at: "2026-11-02T00:00:00Z" });
  const c = task({ title: "c", created_at: "2026-11-01T00:00:00Z" });

  it("take a new task where their order wants it, if it belongs to them", () => {
    hold({}, [a, b], [c]);
    hold({ sort: "title" }, [a, b], [c]);
    hold({ is_completed: true }, []);
    insertTask(client, task({ title: "new", created_at: "2026-11-04T00:00:00Z" }));
    expect(titles({})).toEqual([["new", "a", "b"], ["c"]]);
    expect(titles({ sort: "title" })).toEqual([
      ["a", "b"],
      ["c", "new"],
    ]);
    expect(titles({ is_completed: true })).toEqual([[]]);
  });

  it("leave a page alone that does not hold what changes", () => {
    hold({}, [a, b], [c]);
    const before = client.getQueryData<TaskPages>(listKey({}));
    updateTask(client, c.id, { title: "C" });
    const after = client.getQueryData<TaskPages>(listKey({}));
    expect(after?.pages[0]).toBe(before?.pages[0]);
    expect(titles({})).toEqual([["a", "b"], ["C"]]);
    expect(findTask(client, c.id)?.title).toBe("C");
  });

  it("lose tasks", () => {
    hold({}, [a, b], [c]);
    removeTasks(client, new Set([a.id, c.id]));
    expect(titles({})).toEqual([["b"], []]);
    expect(findTask(client, a.id)).toBeUndefined();
  });

  it("that nobody looks at keep their first page only", async () => {
    hold({}, [a], [b], [c]);
    await refreshTasks(client);
    expect(titles({})).toEqual([["a"]]);
  });
});

describe("changes", () => {
  it("are shown, and taken back field by field", () => {
    const first = task({ title: "first" });
    const second = task({ title: "second", is_completed: true });
    hold({}, [first, second]);
    const undo = complete([first, second], true).apply(client);
    const undoTitle = change([first], { title: "renamed" }).apply(client);
    undo();
    expect(findTask(client, first.id)).toMatchObject({ is_completed: false, title: "renamed" });
    expect(findTask(client, second.id)).toMatchObject({ is_completed: true, status: "completed" });
    undoTitle();
    expect(findTask(client, first.id)?.title).toBe("first");
  });

  it("of more tasks than the API takes at once are sent in parts", async () => {
    const sent: number[] = [];
    vi.stubGlobal("fetch", async (request: Request) => {
      sent.push(((await request.json()) as { ids: string[] }).ids.length);
      return Response.json({ count: 0, items: [] });
    });
    const { client: api } = await import("@/api/generated/client.gen");
    api.setConfig({ baseUrl: "http://todo.localhost/bff", fetch: globalThis.fetch });
    await complete(
      Array.from({ length: 250 }, () => task()),
      true,
    ).send(client);
    expect(sent).toEqual([100, 100, 50]);
  });

  it("add a tag to those that lack it, and keep the tags they have", () => {
    const tasks = [task({ tags: ["a"] }), task({ tags: ["new"] }), task()];
    hold({}, tasks);
    addTag(tasks, "new").apply(client);
    expect(tasks.map(({ id }) => findTask(client, id)?.tags)).toEqual([["a", "new"], ["new"], ["new"]]);
  });
});
