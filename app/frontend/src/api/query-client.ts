import { MutationCache, notifyManager, QueryCache, QueryClient } from "@tanstack/react-query";

import { ApiError, isUnavailable } from "./error";

interface Meta extends Record<string, unknown> {
  /** Works without a session: an answer 401 is about what was sent. */
  anonymous?: boolean;
}

declare module "@tanstack/react-query" {
  interface Register {
    queryMeta: Meta;
    mutationMeta: Meta;
  }
}

// By a timer a changed check box would for a moment be drawn as it was.
notifyManager.setScheduler(queueMicrotask);

export function createQueryClient(): QueryClient {
  const onError = (error: Error, meta: Meta | undefined): void => {
    if (error instanceof ApiError && error.status === 401 && !meta?.anonymous) {
      window.location.replace("/sign-in?ended=1");
    }
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError: (error, query) => onError(error, query.meta) }),
    mutationCache: new MutationCache({
      onError: (error, _variables, _result, mutation) => onError(error, mutation.meta),
    }),
    defaultOptions: {
      queries: { staleTime: 5_000, retry: (_count, error) => isUnavailable(error), retryDelay: 500 },
    },
  });
}
