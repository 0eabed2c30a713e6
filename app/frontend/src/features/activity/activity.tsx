"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { useState } from "react";

import { type ActivityRead, listActivity } from "@/api";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { useCategories } from "@/features/categories/use-categories";
import { taskKey } from "@/features/tasks/task-cache";
import { describeDay, describeTime } from "@/lib/dates";
import { describeChange } from "./describe";

/** What happened to a task, asked for when somebody wants to know. */
export function Activity({ taskId }: { taskId: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)} className="group">
      <summary className="flex cursor-pointer list-none items-center gap-1.5 rounded-md font-medium text-sm">
        <ChevronRight aria-hidden className="size-4 text-muted-foreground transition-transform group-open:rotate-90" />
        Activity
      </summary>
      {isOpen && <History taskId={taskId} />}
    </details>
  );
}

function History({ taskId }: { taskId: string }) {
  const categories = useCategories();
  const { data, error, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery({
    queryKey: [...taskKey(taskId), "activity"],
    queryFn: ({ pageParam, signal }) =>
      listActivity({ path: { task_id: taskId }, query: { limit: 20, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  if (!data) {
    return error ? (
      <p className="pt-2 text-destructive text-sm">{error.message}</p>
    ) : (
      <Skeleton className="mt-3 h-16" />
    );
  }
  const now = new Date();
  const categoryName = (id: string) => categories.find((category) => category.id === id)?.name;
  return (
    <>
      <ol aria-label="Activity" className="mt-2 grid gap-2.5 border-l pl-4 text-sm">
        {data.pages
          .flatMap((page) => page.items)
          .map((entry: ActivityRead) => (
            <li key={entry.id}>
              <p className="wrap-anywhere">{describeChange(entry, categoryName)}</p>
              <p className="text-muted-foreground text-xs">
                <time dateTime={entry.created_at}>
                  {describeDay(new Date(entry.created_at), now)}, {describeTime(new Date(entry.created_at))}
                </time>
              </p>
            </li>
          ))}
      </ol>
      {hasNextPage && (
        <Button variant="ghost" size="small" aria-busy={isFetching} onClick={() => fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  );
}
