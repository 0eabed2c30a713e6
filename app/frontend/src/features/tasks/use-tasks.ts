import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { listTasks } from "@/api";
import { type Filter, matches, tidy } from "./filter";
import { useLeaving } from "./leaving";
import { isDeep, listKey, type Page, shorten } from "./task-cache";

const PAGE_SIZE = 100;
const ENOUGH = 20;

export type TaskListData = ReturnType<typeof useTasks>;

/** The tasks that a filter shows, page by page. */
export function useTasks(wanted: Filter) {
  const client = useQueryClient();
  const leaving = useLeaving();
  const text = JSON.stringify(tidy(wanted));
  const filter = useMemo(() => JSON.parse(text) as Filter, [text]);
  const isRefreshed = (query: Parameters<typeof isDeep>[0]) => !isDeep(query);

  const { data, hasNextPage, isFetching, isPlaceholderData, fetchNextPage, error, refetch } = useInfiniteQuery({
    queryKey: listKey(filter),
    queryFn: ({ pageParam, signal }): Promise<Page> =>
      listTasks({ query: { ...filter, limit: PAGE_SIZE, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: isRefreshed,
    refetchOnReconnect: isRefreshed,
  });
  const tasks = useMemo(
    () => data?.pages.flatMap((page) => page.items.filter((task) => !leaving.has(task.id) && matches(filter, task))),
    [data, filter, leaving],
  );

  const needsMore = tasks !== undefined && tasks.length < ENOUGH && hasNextPage && !isFetching;
  useEffect(() => {
    if (needsMore) {
      void fetchNextPage();
    }
  }, [needsMore, fetchNextPage]);
  useEffect(() => () => shorten(client, listKey(filter)), [client, filter]);

  return {
    tasks,
    hasMore: hasNextPage && !isPlaceholderData,
    isFetching,
    fetchMore: fetchNextPage,
    error,
    refetch,
  };
}
