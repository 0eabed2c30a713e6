import type { TaskFilter, TaskPriority, TaskSort } from "@/api";
import type { Task } from "./task-cache";

/** Which tasks a list shows, and in which order. What is left out makes no difference. */
export type Filter = Pick<
  TaskFilter,
  | "is_completed"
  | "priority"
  | "category_id"
  | "tag"
  | "search"
  | "due_from"
  | "due_before"
  | "overdue"
  | "recurring"
  | "sort"
>;

export const PRIORITIES = ["high", "medium", "low"] as const satisfies readonly TaskPriority[];

export const SORTS: Readonly<Partial<Record<TaskSort, string>>> = {
  "-created_at": "Newest first",
  created_at: "Oldest first",
  due_date: "Due soonest",
  "-priority": "Most important",
  title: "Title",
  "-updated_at": "Last changed",
};
export const NEWEST: TaskSort = "-created_at";

const FLAGS = ["is_completed", "overdue", "recurring"] as const;
const TEXTS = ["category_id", "search", "due_from", "due_before"] as const;

/** Reads a filter from a page's address, as `writeFilter` writes it; whatever else stands there is passed over. */
export function readFilter(params: URLSearchParams): Filter {
  const filter: Filter = {};
  for (const name of FLAGS) {
    const value = params.get(name);
    if (value === "true" || value === "false") {
      filter[name] = value === "true";
    }
  }
  for (const name of TEXTS) {
    const value = params.get(name);
    if (value) {
      filter[name] = value;
    }
  }
  const priority = PRIORITIES.filter((value) => params.getAll("priority").includes(value));
  const tag = params.getAll("tag").filter(Boolean);
  const sort = (Object.keys(SORTS) as TaskSort[]).find((value) => value === params.get("sort"));
  return {
    ...filter,
    ...(priority.length > 0 && { priority }),
    ...(tag.length > 0 && { tag }),
    ...(sort && sort !== NEWEST && { sort }),
  };
}

export function writeFilter(filter: Filter): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(tidy(filter))) {
    for (const one of [value].flat()) {
      params.append(name, String(one));
    }
  }
  return params;
}

/** The same filter without what makes no difference, so that equal ones look alike. */
export function tidy(filter: TaskFilter): Filter {
  const { status: _, completed: __, ...own } = filter;
  const entries = Object.entries(own).filter(([name, value]) => {
    const isEmpty = value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
    return !isEmpty && !(name === "sort" && value === NEWEST);
  });
  return Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b)));
}

/** How many conditions a filter holds beside the search, the order, and what is done or not. */
export function countConditions(filter: Filter): number {
  const { search: _, sort: __, is_completed: ___, due_from, due_before, ...rest } = tidy(filter);
  return Object.keys(rest).length + Number(Boolean(due_from ?? due_before));
}

/** Whether a filter holds conditions, beside what is done or not. */
export function hasConditions(filter: Filter): boolean {
  return countConditions(filter) > 0 || Boolean(filter.search);
}

/** Whether a task belongs to a list, as the API would say. */
export function matches(filter: Filter, task: Task, now = new Date()): boolean {
  return isInState(filter, task) && isAbout(filter, task) && isDue(filter, task, now);
}

function isInState({ is_completed, priority, recurring }: Filter, task: Task): boolean {
  return (
    isWanted(is_completed, task.is_completed) &&
    (!priority?.length || priority.includes(task.priority)) &&
    isWanted(recurring, task.recurrence_pattern !== null)
  );
}

function isAbout({ category_id, tag, search }: Filter, task: Task): boolean {
  return (
    isWanted(category_id, task.category_id) &&
    (!tag || tag.every((name) => task.tags.includes(name))) &&
    (!search || contains(task.title, search) || contains(task.description ?? "", search))
  );
}

function isDue({ due_from, due_before, overdue }: Filter, task: Task, now: Date): boolean {
  if (!due_from && !due_before && isNothing(overdue)) {
    return true;
  }
  const due = task.due_date ? Date.parse(task.due_date) : Number.NaN;
  return (
    (!due_from || due >= Date.parse(due_from)) &&
    (!due_before || due < Date.parse(due_before)) &&
    isWanted(overdue, isOverdue(task, now))
  );
}

function isWanted<T>(wanted: T | null | undefined, actual: T): boolean {
  return isNothing(wanted) || wanted === actual;
}

function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

export function isOverdue(task: Pick<Task, "due_date" | "is_completed">, now: Date): boolean {
  return !task.is_completed && task.due_date !== null && Date.parse(task.due_date) < now.getTime();
}

/** Compares two tasks as the API sorts them, as far as the page can tell. */
export function compareBy(sort: TaskSort = NEWEST): (a: Task, b: Task) => number {
  const name = sort.replace("-", "") as "created_at" | "updated_at" | "due_date" | "priority" | "title";
  const sign = sort.startsWith("-") ? -1 : 1;
  const key = (task: Task): string | number => {
    switch (name) {
      case "priority":
        return -PRIORITIES.indexOf(task.priority);
      case "title":
        return task.title;
      default:
        // Tasks without a date come last one way, and first the other way.
        return task[name] ? Date.parse(task[name]) : Number.POSITIVE_INFINITY;
    }
  };
  return (a, b) => {
    const [left, right] = [key(a), key(b)];
    return left === right ? 0 : left < right ? -sign : sign;
  };
}
