"use client";

import dynamic from "next/dynamic";

import { Card } from "@/components/ui/card";
import { TasksLoading } from "./tasks-loading";

// What a page shows only once there are tasks. It is asked for at once, beside the tasks, and not part of the first load.
const loadRows = () => import("./task-rows");
const loadFilteredTasks = () => import("./filtered-tasks");

if (typeof window !== "undefined") {
  void loadRows();
}

const options = {
  ssr: false,
  loading: () => (
    <Card>
      <TasksLoading />
    </Card>
  ),
} as const;

export const TaskRows = dynamic(loadRows, options);
export const FilteredTasks = dynamic(loadFilteredTasks, options);
