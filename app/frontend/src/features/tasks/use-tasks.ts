import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { listTasks } from "@/api";
import { type Filter, matches } from "./filter";
import { type Page, TASKS_KEY } from "./task-cache";

const PAGE_SIZE = 100;
const ENOUGH = 20;

/** The tasks that a filter shows, newest first, page by page. */
export function useTasks(filter: Filter) {
  // A task that is not completed may have one of two statuses.
  const status = filter === "completed" ? filter : undefined;
  const { data, hasNextPage, isFetching, fetchNextPage, ...query } = useInfiniteQuery({
    queryKey: [...TASKS_KEY, { status }],
    queryFn: ({ pageParam, signal }): Promise<Page> =>
      listTasks({ query: { limit: PAGE_SIZE, cursor: pageParam, status: status && [status] }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  const tasks = data?.pages.flatMap((page) => page.items).filter((task) => !task.isGone && matches(filter, task));

  const needsMore = tasks !== undefined && tasks.length < ENOUGH && hasNextPage && !isFetching;
  useEffect(() => {
    if (needsMore) {
      void fetchNextPage();
    }
  }, [needsMore, fetchNextPage]);

  return {
    tasks,
    hasMore: hasNextPage,
    isFetching,
    fetchMore: fetchNextPage,
    error: query.error,
    refetch: query.refetch,
  };
}
