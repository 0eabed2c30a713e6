"use client";

import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";

import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { cn } from "@/lib/cn";
import type { Task } from "./task-cache";
import { TitleEditor } from "./title-editor";

interface TaskRowProps {
  task: Task;
  /** Whether a task that changes its state is no longer in the list. */
  leavesWhenToggled: boolean;
  onToggle: () => void;
  onRename: (title: string) => void;
  onDelete: () => void;
}

export function TaskRow({ task, leavesWhenToggled, onToggle, onRename, onDelete }: TaskRowProps) {
  const [isEditing, setEditing] = useState(false);
  const [takesFocus, setTakesFocus] = useState(false);

  const finish = (text: string, byKeyboard: boolean) => {
    setEditing(false);
    setTakesFocus(byKeyboard);
    const title = text.trim();
    if (title && title !== task.title) {
      onRename(title);
    }
  };
  return (
    <li className="group flex items-center gap-3 py-2 pr-2 pl-4 transition-colors hover:bg-muted/40">
      <Checkbox
        aria-label={task.title}
        checked={task.is_completed}
        disabled={task.isNew}
        onChange={(event) => {
          if (leavesWhenToggled) {
            focusNeighbour(event.target);
          }
          onToggle();
        }}
      />
      {isEditing ? (
        <TitleEditor title={task.title} onFinish={finish} />
      ) : (
        <button
          type="button"
          // biome-ignore lint/a11y/noAutofocus: the keyboard goes on where it was before editing
          autoFocus={takesFocus}
          disabled={task.isNew}
          aria-label={`Rename ${task.title}`}
          onClick={() => setEditing(true)}
          className={cn(
            "flex min-h-9 min-w-0 grow cursor-text items-center gap-2 rounded-md px-1 text-left disabled:cursor-default",
            task.is_completed && "text-muted-foreground line-through decoration-muted-foreground/60",
            task.isNew && "opacity-60",
          )}
        >
          <span className="min-w-0 wrap-anywhere">{task.title}</span>
          <Pencil
            aria-hidden
            className="size-3.5 shrink-0 text-muted-foreground opacity-0 transition-opacity group-hover:opacity-100"
          />
        </button>
      )}
      <Button
        variant="danger"
        size="icon"
        disabled={task.isNew}
        aria-label={`Delete ${task.title}`}
        onClick={(event) => {
          focusNeighbour(event.currentTarget);
          onDelete();
        }}
        className="opacity-0 focus-visible:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100"
      >
        <Trash2 aria-hidden />
      </Button>
    </li>
  );
}

/** Hands the focus to the same control of the next row, as this one is about to go. */
function focusNeighbour(control: HTMLElement): void {
  const row = control.closest("li");
  const neighbour = row?.nextElementSibling ?? row?.previousElementSibling;
  const index = Array.from(row?.querySelectorAll("button, input") ?? []).indexOf(control);
  neighbour?.querySelectorAll<HTMLElement>("button, input")[index]?.focus();
}
