import type { ActivityRead } from "@/api";
import { describePattern } from "@/features/recurrence/rule";
import { describeMoment } from "@/lib/dates";

const ACTIONS = { created: "Created", completed: "Completed", reopened: "Reopened", updated: "Changed" };

const FIELDS: Readonly<Record<string, string>> = {
  title: "Title",
  description: "Notes",
  due_date: "Due date",
  priority: "Priority",
  category_id: "Category",
  tags: "Tags",
  status: "Status",
  recurrence_pattern: "Repeat",
  recurrence_timezone: "Time zone",
  recurrence_from_completion: "Repeat from completion",
};

/** One change of a task in a sentence. */
export function describeChange(
  { action, field, old_value, new_value }: Pick<ActivityRead, "action" | "field" | "old_value" | "new_value">,
  categoryName: (id: string) => string | undefined,
): string {
  if (!field) {
    return ACTIONS[action];
  }
  const name = FIELDS[field] ?? field;
  if (field === "description") {
    return `${name} changed`;
  }
  const show = (value: string) => describeValue(field, value, categoryName);
  if (!new_value) {
    return `${name} removed${old_value ? `: ${show(old_value)}` : ""}`;
  }
  return old_value ? `${name}: ${show(old_value)} → ${show(new_value)}` : `${name}: ${show(new_value)}`;
}

function describeValue(field: string, value: string, categoryName: (id: string) => string | undefined): string {
  switch (field) {
    case "due_date":
      return describeMoment(new Date(value), new Date());
    case "category_id":
      return categoryName(value) ?? "one that is gone";
    case "recurrence_pattern":
      return describePattern(value);
    default:
      return value.replaceAll("_", " ");
  }
}
