import type { QueryClient } from "@tanstack/react-query";

import { ApiError, completeTask, createTask, deleteTask, isUnavailable, patchTask, uncompleteTask } from "@/api";
import { insertTask, removeTask, type Task, updateTask } from "./task-cache";

/** A change of the list: shown at once, then sent, and taken back if that fails. */
export interface Action {
  /** What could not be done, when it could not. */
  failure: string;
  /** Shows the change; the result takes it back. */
  apply(client: QueryClient): () => void;
  /** Must be safe to call again after an error that says that nobody could answer. */
  send(client: QueryClient): Promise<void>;
}

let drafts = 0;

export function add(title: string): Action {
  const now = new Date().toISOString();
  const draft: Task = {
    id: `draft-${++drafts}`,
    user_id: "",
    title,
    description: null,
    status: "pending",
    priority: "medium",
    due_date: null,
    category_id: null,
    category: null,
    tags: [],
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
    failure: `“${title}” was not added.`,
    apply: (client) => {
      insertTask(client, draft);
      return () => removeTask(client, draft.id);
    },
    send: async (client) => {
      const task = await createTask({ body: { title } }).catch(refuseToRepeat);
      updateTask(client, draft.id, { ...task, isNew: false });
    },
  };
}

export function rename(task: Task, title: string): Action {
  return {
    failure: `“${task.title}” was not renamed to “${title}”.`,
    apply: (client) => {
      updateTask(client, task.id, { title });
      return () => updateTask(client, task.id, { title: task.title });
    },
    send: async () => {
      await patchTask({ path: { task_id: task.id }, body: { title } });
    },
  };
}

export function toggle({ id, title, status, is_completed }: Task): Action {
  const before = { status, is_completed };
  const after = { status: is_completed ? "pending" : "completed", is_completed: !is_completed } as const;
  return {
    failure: `“${title}” was not ${is_completed ? "reopened" : "completed"}.`,
    apply: (client) => {
      updateTask(client, id, after);
      return () => updateTask(client, id, before);
    },
    send: async () => {
      await (is_completed ? uncompleteTask : completeTask)({ path: { task_id: id } });
    },
  };
}

export function remove({ id, title }: Task): Action {
  return {
    failure: `“${title}” was not deleted.`,
    apply: (client) => {
      updateTask(client, id, { isGone: true });
      return () => updateTask(client, id, { isGone: false });
    },
    send: async () => {
      try {
        await deleteTask({ path: { task_id: id } });
      } catch (error) {
        // Gone already is what was wanted.
        if (!(error instanceof ApiError && error.status === 404)) {
          throw error;
        }
      }
    },
  };
}

/** Only 503 says that nothing has happened; after any other loss the task may be there. */
function refuseToRepeat(error: unknown): never {
  if (isUnavailable(error) && error.status !== 503) {
    throw new Error("The connection broke on the way. Look whether it is in the list before you try again.");
  }
  throw error;
}
