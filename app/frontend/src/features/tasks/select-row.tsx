"use client";

import { memo } from "react";

import { cn } from "@/lib/cn";
import { moveFocus } from "./focus";
import type { Task } from "./task-cache";
import { TaskMeta } from "./task-meta";

interface SelectRowProps {
  task: Task;
  isSelected: boolean;
  onToggle: (id: string, isRange: boolean) => void;
}

/** A task in a list from which some are being chosen. */
export const SelectRow = memo(function SelectRow({ task, isSelected, onToggle }: SelectRowProps) {
  return (
    <label
      className={cn(
        "flex cursor-pointer items-start gap-3 py-2 pr-2 pl-4 transition-colors select-none",
        isSelected ? "bg-primary/8" : "hover:bg-muted/40",
      )}
    >
      <input
        type="checkbox"
        aria-label={`Select ${task.title}`}
        checked={isSelected}
        disabled={task.isNew}
        onChange={(event) => onToggle(task.id, (event.nativeEvent as PointerEvent).shiftKey === true)}
        onKeyDown={(event) => moveFocus(event.currentTarget, event.key) && event.preventDefault()}
        className="mx-0.75 my-2.25 size-4.5 shrink-0 cursor-pointer accent-primary"
      />
      <div inert className="min-w-0 grow">
        <p
          className={cn(
            "wrap-anywhere min-h-9 px-1 py-1.5 leading-6",
            task.is_completed && "text-muted-foreground line-through",
          )}
        >
          {task.title}
        </p>
        <TaskMeta task={task} />
      </div>
    </label>
  );
});
