import type { QueryClient } from "@tanstack/react-query";

import {
  ApiError,
  type BulkAction,
  changeTasks,
  completeTask,
  createTask,
  deleteTask,
  patchTask,
  type TaskCreate,
  type TaskPatch,
  type TaskRead,
  uncompleteTask,
} from "@/api";
import { TAGS_KEY } from "@/features/tags/use-tags";
import { groupBy } from "@/lib/group-by";
import { uniqueKey } from "@/lib/key";
import { hide } from "./leaving";
import { insertTask, removeTasks, type Task, updateTask } from "./task-cache";

/** A change of tasks: shown at once, then sent, and taken back if that fails. */
export interface Action {
  /** What could not be done, when it could not. */
  failure: string;
  /** Shows the change; the result takes it back. */
  apply(client: QueryClient): () => void;
  /** Must be safe to call again after an error that says that nobody could answer. Gives the tasks as they are then. */
  send(client: QueryClient): Promise<readonly TaskRead[]>;
}

export type NewTask = Pick<TaskCreate, "title" | "due_date" | "category_id" | "priority"> & { tags?: string[] };

/** As many tasks as the API changes at once. */
const BULK_SIZE = 100;

export function add(fields: NewTask): Action {
  const now = new Date().toISOString();
  const key = uniqueKey();
  const draft: Task = {
    id: `draft-${key}`,
    user_id: "",
    title: fields.title,
    description: null,
    status: "pending",
    priority: fields.priority ?? "medium",
    due_date: fields.due_date ?? null,
    category_id: fields.category_id ?? null,
    category: null,
    tags: fields.tags ?? [],
    tags_csv: "",
    recurrence_pattern: null,
    recurrence_timezone: "UTC",
    recurrence_from_completion: false,
    next_recurrence_date: null,
    previous_task_id: null,
    completed_at: null,
    created_at: now,
    updated_at: now,
    is_completed: false,
    completed: false,
    isNew: true,
  };
  return {
    failure: `“${fields.title}” was not added.`,
    apply: (client) => {
      insertTask(client, draft);
      return () => removeTasks(client, new Set([draft.id]));
    },
    send: async (client) => {
      const task = await createTask({ body: fields, headers: { "Idempotency-Key": key } });
      updateTask(client, draft.id, { ...task, isNew: false });
      return [];
    },
  };
}

/** Fields that a person changes, and what else the page can tell of them. */
export type Changes = TaskPatch & Partial<Pick<Task, "tags" | "category">>;

/** Changes the same fields of tasks. */
export function change(tasks: readonly Task[], changes: Changes, failure = `${name(tasks)} was not changed.`): Action {
  // The name comes with the id, for the page; the API wants one of them.
  const { category: _, ...body } = changes;
  return {
    failure,
    apply: (client) => show(client, tasks, changes as Partial<Task>),
    send: () =>
      tasks.length > 1
        ? bulk(tasks, "update", body)
        : Promise.all(tasks.map(({ id }) => patchTask({ path: { task_id: id }, body }))),
  };
}

export function setTags(task: Task, tags: string[]): Action {
  const action = change([task], { tags });
  return {
    ...action,
    send: async (client) => {
      const changed = await action.send(client);
      // There may be one more of them.
      void client.invalidateQueries({ queryKey: TAGS_KEY });
      return changed;
    },
  };
}

export function rename(task: Task, title: string): Action {
  return change([task], { title }, `“${task.title}” was not renamed to “${title}”.`);
}

/** Completes tasks, or takes them up again. */
export function complete(tasks: readonly Task[], isCompleted: boolean): Action {
  const state = isCompleted
    ? ({ status: "completed", is_completed: true } as const)
    : ({ status: "pending", is_completed: false } as const);
  return {
    failure: `${name(tasks)} was not ${isCompleted ? "completed" : "reopened"}.`,
    apply: (client) => show(client, tasks, state),
    send: () =>
      tasks.length > 1
        ? bulk(tasks, isCompleted ? "complete" : "uncomplete")
        : Promise.all(tasks.map(({ id }) => (isCompleted ? completeTask : uncompleteTask)({ path: { task_id: id } }))),
  };
}

/** Adds a tag to tasks; those with the same tags go together. */
export function addTag(tasks: readonly Task[], tag: string): Action {
  const without = tasks.filter((task) => !task.tags.includes(tag));
  const actions = [...groupBy(without, (task) => task.tags_csv).values()].map((group) =>
    change(group, { tags: [...(group[0]?.tags ?? []), tag] }),
  );
  return {
    failure: `The tag “${tag}” was not added to ${name(tasks)}.`,
    apply: (client) => {
      const undos = actions.map((action) => action.apply(client));
      return () => {
        for (const undo of undos) {
          undo();
        }
      };
    },
    send: async (client) => {
      const changed = await inTurn(actions, (action) => action.send(client));
      void client.invalidateQueries({ queryKey: TAGS_KEY });
      return changed.flat();
    },
  };
}

export function remove(tasks: readonly Task[]): Action {
  const ids = new Set(tasks.map(({ id }) => id));
  return {
    failure: `${name(tasks)} was not deleted.`,
    apply: () => hide(ids),
    send: async (client) => {
      const [first] = tasks;
      await (tasks.length === 1 && first ? deleteOne(first.id) : bulk(tasks, "delete"));
      removeTasks(client, ids);
      return [];
    },
  };
}

async function deleteOne(id: string): Promise<void> {
  try {
    await deleteTask({ path: { task_id: id } });
  } catch (error) {
    // Gone already is what was wanted.
    if (!(error instanceof ApiError && error.status === 404)) {
      throw error;
    }
  }
}

async function bulk(tasks: readonly Task[], action: BulkAction, changes?: TaskPatch): Promise<TaskRead[]> {
  const parts = Array.from({ length: Math.ceil(tasks.length / BULK_SIZE) }, (_, index) =>
    tasks.slice(index * BULK_SIZE, (index + 1) * BULK_SIZE).map(({ id }) => id),
  );
  const results = await inTurn(parts, (ids) => changeTasks({ body: { ids, action, changes: changes ?? null } }));
  return results.flatMap(({ items }) => items);
}

async function inTurn<T, R>(items: readonly T[], send: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) {
    results.push(await send(item));
  }
  return results;
}

function show(client: QueryClient, tasks: readonly Task[], changes: Partial<Task>): () => void {
  const fields = Object.keys(changes) as (keyof Task)[];
  const before = tasks.map((task) => Object.fromEntries(fields.map((field) => [field, task[field]])));
  for (const { id } of tasks) {
    updateTask(client, id, changes);
  }
  return () => {
    for (const [index, { id }] of tasks.entries()) {
      updateTask(client, id, before[index] as Partial<Task>);
    }
  };
}

function name(tasks: readonly Task[]): string {
  const [first] = tasks;
  return tasks.length === 1 && first ? `“${first.title}”` : `${tasks.length} tasks`;
}
