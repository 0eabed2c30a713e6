"use client";

import { useQueryClient } from "@tanstack/react-query";
import { PanelRightOpen, Trash2 } from "lucide-react";
import { type KeyboardEvent, memo, useState } from "react";

import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { cn } from "@/lib/cn";
import { rename } from "./actions";
import { DueButton } from "./due-button";
import { focusNeighbour, moveFocus } from "./focus";
import { openTask } from "./open-task";
import { run } from "./run";
import type { Task } from "./task-cache";
import { TaskMeta } from "./task-meta";
import { TitleEditor } from "./title-editor";
import { completeWithUndo, removeWithUndo } from "./undo";

interface TaskRowProps {
  task: Task;
  /** Whether a task that changes its state is no longer in the list. */
  leavesWhenToggled: boolean;
}

/** A task in a list: done or not, its title to be changed in place, and the way to all the rest. */
export const TaskRow = memo(function TaskRow({ task, leavesWhenToggled }: TaskRowProps) {
  const client = useQueryClient();
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const control = event.target as HTMLElement;
    if (control.matches("input:not([type=checkbox])") || control.closest("[popover]")) {
      return;
    }
    if (moveFocus(control, event.key)) {
      event.preventDefault();
    } else if (event.key === "Delete" && !task.isNew) {
      focusNeighbour(control);
      removeWithUndo(client, [task]);
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys that its controls have in common
    <div
      onKeyDown={onKeyDown}
      className="group flex items-start gap-3 py-2 pr-2 pl-4 transition-colors hover:bg-muted/40"
    >
      <Checkbox
        aria-label={task.title}
        checked={task.is_completed}
        disabled={task.isNew}
        onChange={(event) => {
          if (leavesWhenToggled) {
            focusNeighbour(event.target);
          }
          completeWithUndo(client, [task], !task.is_completed);
        }}
        className="my-1.5"
      />
      <div className="min-w-0 grow">
        <Title task={task} />
        <TaskMeta task={task} />
      </div>
      <div className="flex opacity-0 transition-opacity focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100 has-popover-open:opacity-100">
        {!task.due_date && (
          <DueButton
            task={task}
            quiet
            className="hidden size-9 cursor-pointer place-items-center rounded-md hover:bg-muted hover:text-foreground sm:grid [&_svg]:size-4"
          />
        )}
        <Button
          variant="ghost"
          size="icon"
          disabled={task.isNew}
          aria-label={`Details of ${task.title}`}
          onClick={() => openTask(task.id)}
        >
          <PanelRightOpen aria-hidden />
        </Button>
        <Button
          variant="danger"
          size="icon"
          disabled={task.isNew}
          aria-label={`Delete ${task.title}`}
          onClick={(event) => {
            focusNeighbour(event.currentTarget);
            removeWithUndo(client, [task]);
          }}
        >
          <Trash2 aria-hidden />
        </Button>
      </div>
    </div>
  );
});

function Title({ task }: { task: Task }) {
  const client = useQueryClient();
  const [isEditing, setEditing] = useState(false);
  const [takesFocus, setTakesFocus] = useState(false);

  const finish = (text: string, byKeyboard: boolean) => {
    setEditing(false);
    setTakesFocus(byKeyboard);
    const title = text.trim();
    if (title && title !== task.title) {
      run(client, rename(task, title));
    }
  };
  return isEditing ? (
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
        "wrap-anywhere min-h-9 w-full cursor-text rounded-md px-1 py-1.5 text-left leading-6 disabled:cursor-default",
        task.is_completed && "text-muted-foreground line-through decoration-muted-foreground/60",
        task.isNew && "opacity-60",
      )}
    >
      {task.title}
    </button>
  );
}
