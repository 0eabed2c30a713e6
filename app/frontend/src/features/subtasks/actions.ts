import type { QueryClient } from "@tanstack/react-query";

import {
  createSubtask,
  deleteSubtask,
  patchSubtask,
  reorderSubtasks,
  type SubtaskList,
  type SubtaskPatch,
  type SubtaskRead,
} from "@/api";
import type { Action } from "@/features/tasks/actions";
import { taskKey } from "@/features/tasks/task-cache";
import { uniqueKey } from "@/lib/key";

/** A subtask as the page holds it. */
export interface Subtask extends SubtaskRead {
  /** Not stored yet: the API doesn't know its id. */
  isNew?: boolean;
}

export function subtasksKey(taskId: string) {
  return [...taskKey(taskId), "subtasks"] as const;
}

export function addSubtask(taskId: string, title: string): Action {
  const key = uniqueKey();
  const now = new Date().toISOString();
  return {
    failure: `“${title}” was not added.`,
    apply: (client) =>
      edit(client, taskId, (items) => [
        ...items,
        {
          id: key,
          parent_task_id: taskId,
          title,
          is_completed: false,
          order: items.length,
          created_at: now,
          updated_at: now,
          isNew: true,
        },
      ]),
    send: async (client) => {
      const stored = await createSubtask({
        path: { task_id: taskId },
        body: { title },
        headers: { "Idempotency-Key": key },
      });
      edit(client, taskId, (items) => items.map((item) => (item.id === key ? stored : item)));
      return [];
    },
  };
}

export function changeSubtask(subtask: Subtask, changes: SubtaskPatch): Action {
  const { id, parent_task_id: taskId, title } = subtask;
  return {
    failure: `“${title}” was not changed.`,
    apply: (client) =>
      edit(client, taskId, (items) => items.map((item) => (item.id === id ? { ...item, ...changes } : item))),
    send: async () => {
      await patchSubtask({ path: { task_id: taskId, subtask_id: id }, body: changes });
      return [];
    },
  };
}

export function removeSubtask({ id, parent_task_id: taskId, title }: Subtask): Action {
  return {
    failure: `“${title}” was not deleted.`,
    apply: (client) => edit(client, taskId, (items) => items.filter((item) => item.id !== id)),
    send: async () => {
      await deleteSubtask({ path: { task_id: taskId, subtask_id: id } });
      return [];
    },
  };
}

/** Puts a subtask where another one is. */
export function moveSubtask(taskId: string, id: string, to: number): Action {
  const move = <T extends { id: string }>(items: T[]): T[] => {
    const from = items.findIndex((item) => item.id === id);
    const item = items[from];
    return item ? items.toSpliced(from, 1).toSpliced(to, 0, item) : items;
  };
  return {
    failure: "The order was not changed.",
    apply: (client) => edit(client, taskId, move),
    send: async (client) => {
      const ids = client.getQueryData<SubtaskList>(subtasksKey(taskId))?.items.map((item) => item.id) ?? [];
      await reorderSubtasks({ path: { task_id: taskId }, body: { ids } });
      return [];
    },
  };
}

function edit(client: QueryClient, taskId: string, update: (items: Subtask[]) => Subtask[]): () => void {
  const key = subtasksKey(taskId);
  const before = client.getQueryData<SubtaskList>(key);
  client.setQueryData<SubtaskList>(key, (list) => list && { ...list, items: update(list.items) });
  return () => client.setQueryData(key, before);
}
