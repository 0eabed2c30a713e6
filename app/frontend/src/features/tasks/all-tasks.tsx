"use client";

import dynamic from "next/dynamic";

import { Button } from "@/components/ui/button";
import { type Filter, hasConditions } from "./filter";
import { FilteredTasks } from "./lazy";
import { TaskComposer } from "./task-composer";
import { TasksFrame } from "./tasks-frame";
import { useFilter } from "./use-filter";

const SaveView = dynamic(() => import("@/features/filters/save-view"), { ssr: false });

/** Every task, or those that a filter finds. */
export function AllTasks() {
  const { filter, setFilter } = useFilter();
  return (
    <TasksFrame title="Tasks">
      <TaskComposer defaults={defaultsOf(filter)} />
      <FilteredTasks filter={filter} onChange={setFilter}>
        {hasConditions(filter) && (
          <>
            <Button
              variant="ghost"
              size="small"
              onClick={() => setFilter({ is_completed: filter.is_completed ?? null })}
            >
              Clear
            </Button>
            <SaveView filter={filter} />
          </>
        )}
      </FilteredTasks>
    </TasksFrame>
  );
}

/** What a task needs so that the list shows it. */
function defaultsOf({ category_id, tag, priority }: Filter) {
  const [only, ...others] = priority ?? [];
  return {
    ...(category_id && { category_id }),
    ...(tag && { tags: tag }),
    ...(only && others.length === 0 && { priority: only }),
  };
}
