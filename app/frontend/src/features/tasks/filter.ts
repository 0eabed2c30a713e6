import type { Task } from "./task-cache";

export const FILTERS = ["all", "active", "completed"] as const;
export type Filter = (typeof FILTERS)[number];

export function parseFilter(value: unknown): Filter {
  return FILTERS.find((filter) => filter === value) ?? "all";
}

export function matches(filter: Filter, task: Task): boolean {
  return filter === "all" || task.is_completed === (filter === "completed");
}
