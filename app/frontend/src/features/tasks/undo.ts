import type { QueryClient } from "@tanstack/react-query";

import { deleteTask, listTasks } from "@/api";
import { toast } from "@/components/ui/toast";
import { type Action, complete, remove } from "./actions";
import { run } from "./run";
import type { Task } from "./task-cache";
import { forget, setLatest } from "./undo-latest";

/** How long a change can be taken back. A deletion is not sent before: what is deleted can't be brought back. */
const GRACE_MS = 10_000;

/** Says what was done, and offers to take it back. The result takes the offer away. */
export function offer(title: string, undo: () => void, duration = GRACE_MS): () => void {
  const once = () => {
    withdraw();
    undo();
  };
  const dismiss = toast({ title, action: { label: "Undo", run: once }, duration });
  const withdraw = () => {
    dismiss();
    forget(once);
  };
  setLatest(once);
  return withdraw;
}

/** Completes tasks or takes them up again, and offers to take that back. */
export function completeWithUndo(client: QueryClient, tasks: readonly Task[], isCompleted: boolean): void {
  const changed = tasks.filter((task) => task.is_completed !== isCompleted);
  if (changed.length === 0) {
    return;
  }
  run(client, complete(changed, isCompleted));
  offer(`${isCompleted ? "Completed" : "Reopened"} ${describe(changed)}`, () =>
    run(client, isCompleted ? reopen(changed) : complete(changed, true)),
  );
}

/** Takes up tasks again, and removes what came after them because they were done. */
function reopen(tasks: readonly Task[]): Action {
  const action = complete(tasks, false);
  const recurring = new Set(tasks.filter((task) => task.recurrence_pattern).map(({ id }) => id));
  return {
    ...action,
    send: async (client) => {
      const changed = await action.send(client);
      if (recurring.size > 0) {
        const { items } = await listTasks({ query: { recurring: true, is_completed: false, limit: 100 } });
        for (const { id, previous_task_id } of items) {
          if (previous_task_id && recurring.has(previous_task_id)) {
            await deleteTask({ path: { task_id: id } });
          }
        }
      }
      return changed;
    },
  };
}

/** Deletes tasks after a while in which that can be taken back, or when the page goes away. */
export function removeWithUndo(client: QueryClient, tasks: readonly Task[]): void {
  const action = remove(tasks);
  const showAgain = action.apply(client);
  const end = () => {
    clearTimeout(timer);
    window.removeEventListener("pagehide", flush);
    withdraw();
  };
  const flush = () => {
    end();
    const body = JSON.stringify({ ids: tasks.map(({ id }) => id), action: "delete" });
    void fetch("/bff/tasks/bulk", {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
      keepalive: true,
    });
  };
  const timer = setTimeout(() => {
    end();
    run(client, action);
  }, GRACE_MS);
  const withdraw = offer(
    `Deleted ${describe(tasks)}`,
    () => {
      end();
      showAgain();
    },
    Number.POSITIVE_INFINITY,
  );
  window.addEventListener("pagehide", flush);
}

function describe(tasks: readonly Task[]): string {
  const [first] = tasks;
  return tasks.length === 1 && first ? `“${first.title}”` : `${tasks.length} tasks`;
}
