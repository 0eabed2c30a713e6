"use client";

import { Calendar } from "lucide-react";

import { Popover } from "@/components/ui/popover";
import { cn } from "@/lib/cn";
import { describeMoment } from "@/lib/dates";
import { change } from "./actions";
import { isOverdue } from "./filter";
import { DatePicker } from "./lazy";
import { useRun } from "./run";
import type { Task } from "./task-cache";

interface DueButtonProps {
  task: Task;
  className?: string;
  /** Whether it stands beside other small things. */
  quiet?: boolean;
  /** What to show when there is no date. */
  placeholder?: string;
}

/** When a task is due, to be changed on the spot. */
export function DueButton({ task, className, quiet, placeholder }: DueButtonProps) {
  const run = useRun();
  const now = new Date();
  const due = task.due_date ? new Date(task.due_date) : undefined;
  const text = due && describeMoment(due, now);
  const isLate = isOverdue(task, now);
  return (
    <Popover
      label={`Due date of ${task.title}`}
      triggerLabel={`Due date of ${task.title}: ${text ? `${text}${isLate ? ", overdue" : ""}` : "none"}`}
      disabled={task.isNew}
      triggerClassName={cn(className, isLate ? "text-destructive" : quiet && "text-muted-foreground")}
      trigger={
        <>
          <Calendar aria-hidden />
          <span className="truncate">{text ?? placeholder}</span>
        </>
      }
    >
      {(close) => (
        <DatePicker
          value={due}
          onChange={(date) => run(change([task], { due_date: date?.toISOString() ?? null }))}
          onDone={close}
        />
      )}
    </Popover>
  );
}
