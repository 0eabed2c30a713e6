"use client";

import { Hash, Repeat2 } from "lucide-react";

import { Badge } from "@/components/ui/badge";
import { CategoryIcon } from "@/features/categories/category-icon";
import { useCategories } from "@/features/categories/use-categories";
import { DueButton } from "./due-button";
import { PRIORITY_NAMES, PriorityIcon } from "./priority";
import type { Task } from "./task-cache";

/** What there is to know of a task at a glance, under its title. */
export function TaskMeta({ task }: { task: Task }) {
  const { due_date, priority, recurrence_pattern, category, category_id, tags } = task;
  if (!due_date && priority === "medium" && !recurrence_pattern && !category && tags.length === 0) {
    return null;
  }
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-1.5 gap-y-1 px-1 pb-1">
      {due_date && (
        <DueButton
          task={task}
          quiet
          className="-ml-1 inline-flex h-6 cursor-pointer items-center gap-1 rounded-md px-1 text-xs hover:bg-muted [&_svg]:size-3.5"
        />
      )}
      {recurrence_pattern && <Repeat2 role="img" aria-label="Repeats" className="size-3.5 text-muted-foreground" />}
      {priority !== "medium" && (
        <Badge className="bg-transparent px-1">
          <PriorityIcon priority={priority} />
          {PRIORITY_NAMES[priority]}
        </Badge>
      )}
      {category && <CategoryBadge id={category_id} name={category} />}
      {tags.map((tag) => (
        <Badge key={tag}>
          <Hash aria-hidden />
          <span className="truncate">{tag}</span>
        </Badge>
      ))}
    </div>
  );
}

/** By itself, as most rows have none, and to look for categories in each of them would hold scrolling up. */
function CategoryBadge({ id, name }: { id: string | null; name: string }) {
  const sign = useCategories().find((category) => category.id === id);
  return (
    <Badge>
      <CategoryIcon icon={sign?.icon} color={sign?.color} />
      <span className="truncate">{name}</span>
    </Badge>
  );
}
