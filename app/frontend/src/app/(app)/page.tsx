import type { Metadata } from "next";

import { AllTasks } from "@/features/tasks/all-tasks";

export const metadata: Metadata = { title: "Tasks" };

export default function TasksPage() {
  return <AllTasks />;
}
