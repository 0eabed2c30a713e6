"use client";

import dynamic from "next/dynamic";

import { Card } from "@/components/ui/card";
import { TasksLoading } from "./tasks-loading";

// Asked for at once, beside the tasks, so that the page itself need not wait for it.
const loadComposer = () => import("./task-composer");
const loadRows = () => import("./task-rows");
const loadFilteredTasks = () => import("./filtered-tasks");

if (typeof window !== "undefined") {
  void loadComposer();
  void loadRows();
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
export const TaskComposer = dynamic(loadComposer, { ssr: false, loading: () => <Card className="h-14.5" /> });
export const Failures = dynamic(() => import("./failures"), { ssr: false });
