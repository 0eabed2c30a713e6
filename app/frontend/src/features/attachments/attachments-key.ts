import { taskKey } from "@/features/tasks/task-cache";

export function attachmentsKey(taskId: string) {
  return [...taskKey(taskId), "attachments"] as const;
}
