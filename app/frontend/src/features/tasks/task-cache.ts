import type { InfiniteData, QueryClient } from "@tanstack/react-query";

import type { TaskPage, TaskRead } from "@/api";

/** A task as the page holds it. */
export interface Task extends TaskRead {
  /** Not stored yet: the API doesn't know its id. */
  isNew?: boolean;
  /** Being deleted. */
  isGone?: boolean;
}

export interface Page extends TaskPage {
  items: Task[];
}

type TaskPages = InfiniteData<Page, string | undefined>;

export const TASKS_KEY = ["tasks"] as const;

/** Puts a task on top of every list. */
export function insertTask(client: QueryClient, task: Task): void {
  updateItems(client, (items, pageIndex) => (pageIndex === 0 ? [task, ...items] : items));
}

/** Changes a task in every list that holds it. */
export function updateTask(client: QueryClient, id: string, changes: Partial<Task>): void {
  updateItems(client, (items) => items.map((task) => (task.id === id ? { ...task, ...changes } : task)));
}

/** Takes a task out of every list. */
export function removeTask(client: QueryClient, id: string): void {
  updateItems(client, (items) => items.filter((task) => task.id !== id));
}

function updateItems(client: QueryClient, update: (items: Task[], pageIndex: number) => Task[]): void {
  client.setQueriesData<TaskPages>(
    { queryKey: TASKS_KEY },
    (data) =>
      data && { ...data, pages: data.pages.map((page, index) => ({ ...page, items: update(page.items, index) })) },
  );
}
