import { useQuery, useQueryClient } from "@tanstack/react-query";

import { readTask } from "@/api";
import { findTask, type Task, taskKey } from "./task-cache";

/** One task, at once if a list holds it. */
export function useTask(id: string) {
  const client = useQueryClient();
  return useQuery<Task>({
    queryKey: taskKey(id),
    queryFn: ({ signal }) => readTask({ path: { task_id: id }, signal }),
    initialData: () => findTask(client, id),
    initialDataUpdatedAt: 0,
  });
}
