"use client";

import dynamic from "next/dynamic";

import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { TasksLoading } from "./tasks-loading";

// Asked for at once, beside the tasks, so that the page itself need not wait for it.
const loadRows = () => import("./task-rows");
const loadFilteredTasks = () => import("./filtered-tasks");
/** What changes tasks. */
export const loadActions = () => import("./add-task");

if (typeof window !== "undefined") {
  void loadFilteredTasks();
  void loadRows();
  void loadActions();
}

function Loading() {
  return (
    <Card>
      <TasksLoading />
    </Card>
  );
}

export const TaskRows = dynamic(loadRows, { ssr: false, loading: Loading });
export const FilteredTasks = dynamic(loadFilteredTasks, { ssr: false, loading: Loading });
export const Failures = dynamic(() => import("./failures"), { ssr: false });
export const DatePicker = dynamic(
  () => import("@/components/ui/date-picker").then(({ DatePicker: picker }) => picker),
  { ssr: false, loading: () => <Skeleton className="h-96 w-63" /> },
);
