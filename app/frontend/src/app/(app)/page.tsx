import type { Metadata } from "next";

import { parseFilter } from "@/features/tasks/filter";
import { Tasks } from "@/features/tasks/tasks";

export const metadata: Metadata = { title: "Tasks" };

export default async function TasksPage({ searchParams }: PageProps<"/">) {
  return <Tasks initialFilter={parseFilter((await searchParams).show)} />;
}
