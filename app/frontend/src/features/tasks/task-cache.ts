import type { InfiniteData, Query, QueryClient } from "@tanstack/react-query";

import type { TaskPage, TaskRead } from "@/api";
import { compareBy, type Filter, matches } from "./filter";

/** A task as the page holds it. */
export interface Task extends TaskRead {
  /** Not stored yet: the API doesn't know its id. */
  isNew?: boolean;
}

export interface Page extends TaskPage {
  items: Task[];
}

export type TaskPages = InfiniteData<Page, string | undefined>;

/** Everything about tasks: what a change may concern. */
export const TASKS_KEY = ["tasks"] as const;
const LISTS_KEY = [...TASKS_KEY, "list"] as const;

/** More pages than these are not asked for anew: the page knows what it changed itself. */
const REFRESHED_PAGES = 3;

export function listKey(filter: Filter) {
  return [...LISTS_KEY, filter] as const;
}

export function taskKey(id: string) {
  return [...TASKS_KEY, "one", id] as const;
}

/** Puts a task into every list that it belongs to, where that list's order wants it. */
export function insertTask(client: QueryClient, task: Task): void {
  updateLists(client, (items, filter, { isFirst, isLast }) => {
    if (!matches(filter, task)) {
      return items;
    }
    const compare = compareBy(filter.sort);
    const index = items.findIndex((other) => compare(task, other) <= 0);
    const belongs = index > 0 || (index === 0 && isFirst) || (index < 0 && isLast);
    return belongs ? items.toSpliced(index < 0 ? items.length : index, 0, task) : items;
  });
}

/** Changes a task in every list that holds it. */
export function updateTask(client: QueryClient, id: string, changes: Partial<Task>): void {
  updateLists(client, (items) => {
    const index = items.findIndex((task) => task.id === id);
    const task = items[index];
    return task ? items.with(index, { ...task, ...changes }) : items;
  });
  client.setQueryData<Task>(taskKey(id), (task) => task && { ...task, ...changes });
}

/** Takes tasks out of every list. */
export function removeTasks(client: QueryClient, ids: ReadonlySet<string>): void {
  updateLists(client, (items) =>
    items.some((task) => ids.has(task.id)) ? items.filter((t) => !ids.has(t.id)) : items,
  );
}

/** A task that some list holds. */
export function findTask(client: QueryClient, id: string): Task | undefined {
  for (const [, data] of client.getQueriesData<TaskPages>({ queryKey: LISTS_KEY })) {
    for (const page of data?.pages ?? []) {
      const task = page.items.find((item) => item.id === id);
      if (task) {
        return task;
      }
    }
  }
  return undefined;
}

/** Whether a list holds so many pages that asking for all of them again would take long. */
export function isDeep(query: Pick<Query, "state">): boolean {
  return ((query.state.data as Partial<TaskPages> | undefined)?.pages?.length ?? 0) > REFRESHED_PAGES;
}

/** Asks anew for what changes may have moved; of long lists that nobody looks at, only the beginning is kept. */
export async function refreshTasks(client: QueryClient): Promise<void> {
  for (const query of client.getQueryCache().findAll({ queryKey: LISTS_KEY, type: "inactive" })) {
    shorten(client, query.queryKey);
  }
  await client.invalidateQueries({ queryKey: TASKS_KEY, predicate: (query) => !isDeep(query) });
}

/** Keeps of a list only its first page. */
export function shorten(client: QueryClient, key: readonly unknown[]): void {
  client.setQueryData<TaskPages>(key, (data) =>
    data && data.pages.length > 1 ? { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) } : data,
  );
}

interface Place {
  isFirst: boolean;
  isLast: boolean;
}

function updateLists(client: QueryClient, update: (items: Task[], filter: Filter, place: Place) => Task[]): void {
  for (const { queryKey } of client.getQueryCache().findAll({ queryKey: LISTS_KEY })) {
    const filter = queryKey.at(-1) as Filter;
    client.setQueryData<TaskPages>(queryKey, (data) => {
      if (!data) {
        return data;
      }
      const pages = data.pages.map((page, index) => {
        const place = { isFirst: index === 0, isLast: page.next_cursor === null };
        const items = update(page.items, filter, place);
        return items === page.items ? page : { ...page, items };
      });
      return { ...data, pages };
    });
  }
}
