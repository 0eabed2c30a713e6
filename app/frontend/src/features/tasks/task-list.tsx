"use client";

import type { ReactNode } from "react";

import { Card } from "@/components/ui/card";
import { TaskRows } from "./lazy";
import type { TaskRowsProps } from "./task-rows";
import { TasksFailed } from "./tasks-failed";
import { TasksLoading } from "./tasks-loading";

interface TaskListProps extends Omit<TaskRowsProps, "tasks"> {
  /** What to say when there is nothing. */
  empty: ReactNode;
}

/** A list of tasks of any length, of which only the part that can be seen is in the page. */
export function TaskList({ empty, ...props }: TaskListProps) {
  const { tasks, isFetching, error, refetch } = props.list;
  if (!tasks) {
    return <Card>{error ? <TasksFailed error={error} onRetry={refetch} /> : <TasksLoading />}</Card>;
  }
  if (tasks.length === 0) {
    return <Card>{isFetching ? <TasksLoading /> : empty}</Card>;
  }
  return <TaskRows {...props} tasks={tasks} />;
}
