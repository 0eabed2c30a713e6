import { type Mutation, type QueryClient, useMutationState, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";

import { isUnavailable, type TaskRead } from "@/api";
import type { Action } from "./actions";
import { refreshTasks, TASKS_KEY, updateTask } from "./task-cache";

/** An action that was taken back. */
export type Failure = Mutation<readonly TaskRead[], Error, Action, () => void>;

export type Run = (action: Action) => void;

/**
 * Runs an action after those before it. What fails is kept among the failures.
 * Until it is stored the browser asks before the page goes away.
 */
export function run(client: QueryClient, action: Action): void {
  const mutation = client.getMutationCache().build<readonly TaskRead[], Error, Action, () => void>(client, {
    mutationKey: TASKS_KEY,
    scope: { id: "tasks" },
    gcTime: Number.POSITIVE_INFINITY,
    mutationFn: (sent) => sent.send(client),
    // While nobody answers the change stays on the page, waits, and goes on by itself.
    retry: (_count, error) => isUnavailable(error),
    retryDelay: 500,
    // Without a wait in between: the page shows the change before the browser draws again.
    onMutate: (shown) => {
      void client.cancelQueries({ queryKey: TASKS_KEY });
      return shown.apply(client);
    },
    onSuccess: (tasks) => {
      // Another change that is still on its way would seem to be taken back for a moment.
      if (isLast(client)) {
        for (const task of tasks) {
          updateTask(client, task.id, task);
        }
      }
    },
    onError: (_error, _action, undo) => undo?.(),
    onSettled: () => (isLast(client) ? refreshTasks(client) : undefined),
  });
  const warn = (event: BeforeUnloadEvent) => event.preventDefault();
  window.addEventListener("beforeunload", warn);
  mutation
    .execute(action)
    .then(
      () => client.getMutationCache().remove(mutation),
      () => undefined,
    )
    .finally(() => window.removeEventListener("beforeunload", warn));
}

export function useRun(): Run {
  const client = useQueryClient();
  return useCallback((action: Action) => run(client, action), [client]);
}

/** The actions that were taken back, and what can be done about them. */
export function useFailures() {
  const client = useQueryClient();
  const failures = useMutationState({
    filters: { mutationKey: TASKS_KEY, status: "error" },
    select: (mutation) => mutation as unknown as Failure,
  });
  const dismiss = (failure: Failure) => client.getMutationCache().remove(failure as unknown as Mutation);
  const retry = (failure: Failure) => {
    dismiss(failure);
    if (failure.state.variables) {
      run(client, failure.state.variables);
    }
  };
  return { failures, dismiss, retry };
}

function isLast(client: QueryClient): boolean {
  return client.isMutating({ mutationKey: TASKS_KEY }) === 1;
}
