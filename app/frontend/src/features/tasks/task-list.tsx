"use client";

import { LoaderCircle } from "lucide-react";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { type Action, remove, rename, toggle } from "./actions";
import type { Filter } from "./filter";
import { TaskRow } from "./task-row";
import { NoTasks, TasksFailed, TasksLoading } from "./task-states";
import type { useTasks } from "./use-tasks";

interface TaskListProps {
  filter: Filter;
  list: ReturnType<typeof useTasks>;
  run: (action: Action) => void;
}

export function TaskList({ filter, list, run }: TaskListProps) {
  return (
    <Card className="overflow-hidden">
      <TaskListBody filter={filter} list={list} run={run} />
    </Card>
  );
}

function TaskListBody({ filter, list, run }: TaskListProps) {
  const { tasks, hasMore, isFetching } = list;
  if (!tasks) {
    return list.error ? <TasksFailed error={list.error} onRetry={list.refetch} /> : <TasksLoading />;
  }
  if (tasks.length === 0) {
    return isFetching ? <TasksLoading /> : <NoTasks filter={filter} />;
  }
  return (
    <>
      <ul className="divide-y">
        {tasks.map((task) => (
          <TaskRow
            key={task.id}
            task={task}
            leavesWhenToggled={filter !== "all"}
            onToggle={() => run(toggle(task))}
            onRename={(title) => run(rename(task, title))}
            onDelete={() => run(remove(task))}
          />
        ))}
      </ul>
      {hasMore && (
        <div className="flex justify-center border-t p-2">
          <Button variant="ghost" disabled={isFetching} onClick={() => list.fetchMore()}>
            {isFetching && <LoaderCircle aria-hidden className="animate-spin" />}
            Show more
          </Button>
        </div>
      )}
    </>
  );
}
