import type { Task } from "@/features/tasks/task-cache";

let count = 0;

/** A task as the API gives it. */
export function task(changes: Partial<Task> = {}): Task {
  const isCompleted = changes.is_completed ?? false;
  return {
    id: `task-${++count}`,
    user_id: "user",
    title: `Task ${count}`,
    description: null,
    status: isCompleted ? "completed" : "pending",
    priority: "medium",
    due_date: null,
    category_id: null,
    category: null,
    tags: [],
    tags_csv: (changes.tags ?? []).join(),
    recurrence_pattern: null,
    recurrence_timezone: "UTC",
    recurrence_from_completion: false,
    next_recurrence_date: null,
    previous_task_id: null,
    completed_at: null,
    created_at: "2026-11-01T00:00:00Z",
    updated_at: "2026-11-01T00:00:00Z",
    is_completed: isCompleted,
    completed: isCompleted,
    ...changes,
  };
}
