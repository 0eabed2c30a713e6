"use client";

import { useState } from "react";

import { Page } from "@/components/page";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { add } from "./actions";
import type { Filter } from "./filter";
import { TaskComposer } from "./task-composer";
import { TaskFilter } from "./task-filter";
import { TaskList } from "./task-list";
import { type Failure, useTaskActions } from "./use-task-actions";
import { useTasks } from "./use-tasks";

/** The task list with all that can be done to it. */
export function Tasks({ initialFilter }: { initialFilter: Filter }) {
  const [filter, setFilter] = useState(initialFilter);
  const list = useTasks(filter);
  const { run, failures, dismiss } = useTaskActions();

  const show = (next: Filter) => {
    setFilter(next);
    window.history.replaceState(null, "", next === "all" ? "/" : `/?show=${next}`);
  };
  const retry = (failure: Failure) => {
    dismiss(failure);
    run(failure.action);
  };
  return (
    <Page title="Tasks">
      <TaskComposer onAdd={(title) => run(add(title))} />
      {failures.map((failure, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: failures have no identity, and no state
        <Alert key={index}>
          <p className="min-w-0 wrap-anywhere">
            {failure.action.failure} {failure.error.message}
          </p>
          <span className="flex gap-2">
            <Button variant="outline" size="small" onClick={() => retry(failure)}>
              Try again
            </Button>
            <Button variant="ghost" size="small" onClick={() => dismiss(failure)}>
              Dismiss
            </Button>
          </span>
        </Alert>
      ))}
      <div className="flex items-center justify-between gap-4">
        <TaskFilter value={filter} onChange={show} />
        <p role="status" className="text-muted-foreground text-sm">
          {list.tasks && describeCount(filter, list.tasks.length, list.hasMore)}
        </p>
      </div>
      <TaskList filter={filter} list={list} run={run} />
    </Page>
  );
}

function describeCount(filter: Filter, count: number, hasMore: boolean): string {
  const number = `${count}${hasMore ? "+" : ""}`;
  switch (filter) {
    case "all":
      return `${number} ${count === 1 ? "task" : "tasks"}`;
    case "active":
      return `${number} to do`;
    case "completed":
      return `${number} done`;
  }
}
