import { useIsMutating, useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { isUnavailable } from "@/api";
import type { Action } from "./actions";
import { TASKS_KEY } from "./task-cache";

/** An action that was taken back. */
export interface Failure {
  action: Action;
  error: Error;
}

/** Runs actions one after the other, and keeps those that failed. */
export function useTaskActions() {
  const client = useQueryClient();
  const [failures, setFailures] = useState<readonly Failure[]>([]);

  const { mutate: run } = useMutation({
    mutationKey: TASKS_KEY,
    scope: { id: "tasks" },
    mutationFn: (action: Action) => action.send(client),
    // While nobody answers the change stays on the page, waits, and goes on by itself.
    retry: (_count, error) => isUnavailable(error),
    retryDelay: 500,
    // Without a wait in between: the page shows the change before the browser draws again.
    onMutate: (action) => {
      void client.cancelQueries({ queryKey: TASKS_KEY });
      return action.apply(client);
    },
    onError: (error, action, undo) => {
      undo?.();
      setFailures((all) => [...all, { action, error }]);
    },
    onSettled: async () => {
      if (client.isMutating({ mutationKey: TASKS_KEY }) === 1) {
        await client.invalidateQueries({ queryKey: TASKS_KEY });
      }
    },
  });
  useWarningBeforeLeaving();
  const dismiss = (failure: Failure) => setFailures((all) => all.filter((other) => other !== failure));

  return { run, failures, dismiss };
}

/** Has the browser ask before the page goes away with changes that still wait to be sent. */
function useWarningBeforeLeaving(): void {
  const isWaiting = useIsMutating({ mutationKey: TASKS_KEY, predicate: ({ state }) => state.isPaused }) > 0;
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    if (isWaiting) {
      window.addEventListener("beforeunload", warn);
    }
    return () => window.removeEventListener("beforeunload", warn);
  }, [isWaiting]);
}
