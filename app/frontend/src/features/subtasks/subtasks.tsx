"use client";

import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import {
  SortableContext,
  sortableKeyboardCoordinates,
  useSortable,
  verticalListSortingStrategy,
} from "@dnd-kit/sortable";
import { useQuery } from "@tanstack/react-query";
import { GripVertical, Plus, Trash2 } from "lucide-react";
import { type SubmitEvent, useState } from "react";

import { listSubtasks } from "@/api";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Progress } from "@/components/ui/progress";
import { Skeleton } from "@/components/ui/skeleton";
import { useRun } from "@/features/tasks/run";
import { TITLE_LENGTH } from "@/features/tasks/title";
import { TitleEditor } from "@/features/tasks/title-editor";
import { cn } from "@/lib/cn";
import { addSubtask, changeSubtask, moveSubtask, removeSubtask, type Subtask, subtasksKey } from "./actions";

/** The steps of a task, in an order that a pointer or the keyboard can change. */
export default function Subtasks({ taskId }: { taskId: string }) {
  const run = useRun();
  const { data, error, refetch } = useQuery({
    queryKey: subtasksKey(taskId),
    queryFn: ({ signal }): Promise<{ items: Subtask[] }> => listSubtasks({ path: { task_id: taskId }, signal }),
  });
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const items = data?.items ?? [];
  const done = items.filter((item) => item.is_completed).length;
  const onDragEnd = ({ active, over }: DragEndEvent) => {
    if (over && active.id !== over.id) {
      const to = items.findIndex((item) => item.id === over.id);
      run(moveSubtask(taskId, String(active.id), to));
    }
  };
  return (
    <section className="grid gap-2">
      <div className="flex items-center gap-3">
        <h3 className="font-medium text-sm">Subtasks</h3>
        {items.length > 0 && (
          <>
            <span className="text-muted-foreground text-xs tabular-nums">
              {done} of {items.length}
            </span>
            <Progress label="Subtasks done" value={done / items.length} className="max-w-32" />
          </>
        )}
      </div>
      {error && (
        <Alert>
          {error.message}
          <Button variant="outline" size="small" onClick={() => refetch()}>
            Try again
          </Button>
        </Alert>
      )}
      {!data && !error && <Skeleton className="h-9" />}
      <DndContext
        sensors={sensors}
        collisionDetection={closestCenter}
        onDragEnd={onDragEnd}
        accessibility={{ announcements: announcements(items) }}
      >
        <SortableContext items={items} strategy={verticalListSortingStrategy}>
          <ul aria-label="Subtasks" className="-mx-2 empty:hidden">
            {items.map((subtask) => (
              <SubtaskRow key={subtask.id} subtask={subtask} />
            ))}
          </ul>
        </SortableContext>
      </DndContext>
      <NewSubtask onAdd={(title) => run(addSubtask(taskId, title))} />
    </section>
  );
}

function SubtaskRow({ subtask }: { subtask: Subtask }) {
  const run = useRun();
  const [isEditing, setEditing] = useState(false);
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, transition, isDragging } = useSortable({
    id: subtask.id,
    disabled: Boolean(subtask.isNew),
  });
  const finish = (text: string) => {
    setEditing(false);
    const title = text.trim();
    if (title && title !== subtask.title) {
      run(changeSubtask(subtask, { title }));
    }
  };
  return (
    <li
      ref={setNodeRef}
      style={{ transform: transform ? `translateY(${transform.y}px)` : undefined, transition }}
      className={cn(
        "group flex items-center gap-1.5 rounded-md bg-card hover:bg-muted/50",
        isDragging && "relative z-10 shadow-lg",
      )}
    >
      <button
        type="button"
        ref={setActivatorNodeRef}
        {...attributes}
        {...listeners}
        aria-label={`Move ${subtask.title}`}
        className="grid h-9 w-6 shrink-0 cursor-grab touch-none place-items-center rounded text-muted-foreground/70 active:cursor-grabbing"
      >
        <GripVertical aria-hidden className="size-4" />
      </button>
      <Checkbox
        aria-label={subtask.title}
        checked={subtask.is_completed}
        disabled={subtask.isNew}
        onChange={() => run(changeSubtask(subtask, { is_completed: !subtask.is_completed }))}
      />
      {isEditing ? (
        <TitleEditor title={subtask.title} onFinish={finish} />
      ) : (
        <button
          type="button"
          disabled={subtask.isNew}
          aria-label={`Rename ${subtask.title}`}
          onClick={() => setEditing(true)}
          className={cn(
            "wrap-anywhere min-h-9 min-w-0 grow cursor-text rounded px-1.5 py-1.5 text-left text-sm",
            subtask.is_completed && "text-muted-foreground line-through",
          )}
        >
          {subtask.title}
        </button>
      )}
      <Button
        variant="danger"
        size="icon"
        disabled={subtask.isNew}
        aria-label={`Delete ${subtask.title}`}
        onClick={() => run(removeSubtask(subtask))}
        className="opacity-0 focus-visible:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100"
      >
        <Trash2 aria-hidden />
      </Button>
    </li>
  );
}

function NewSubtask({ onAdd }: { onAdd: (title: string) => void }) {
  const [title, setTitle] = useState("");
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (title.trim()) {
      onAdd(title.trim());
      setTitle("");
    }
  };
  return (
    <form onSubmit={submit} className="flex items-center gap-2 rounded-md border border-dashed px-2">
      <Plus aria-hidden className="size-4 shrink-0 text-muted-foreground" />
      <input
        aria-label="New subtask"
        value={title}
        maxLength={TITLE_LENGTH}
        onChange={(event) => setTitle(event.target.value)}
        placeholder="Add a step"
        autoComplete="off"
        enterKeyHint="done"
        className="h-9 min-w-0 grow bg-transparent text-base outline-none placeholder:text-muted-foreground sm:text-sm"
      />
    </form>
  );
}

interface Moving {
  active: { id: string | number };
  over: { id: string | number } | null;
}

/** What a screen reader says of a move, with titles in place of ids. */
function announcements(items: readonly Subtask[]) {
  const title = (id: string | number) => items.find((item) => item.id === id)?.title ?? "";
  const place = (id: string | number) => `${items.findIndex((item) => item.id === id) + 1} of ${items.length}`;
  return {
    onDragStart: ({ active }: Pick<Moving, "active">) => `Picked up ${title(active.id)}.`,
    onDragOver: ({ active, over }: Moving) => (over ? `${title(active.id)} is at ${place(over.id)}.` : undefined),
    onDragEnd: ({ active, over }: Moving) => `${title(active.id)} was put at ${place(over?.id ?? active.id)}.`,
    onDragCancel: ({ active }: Pick<Moving, "active">) => `${title(active.id)} stays where it was.`,
  };
}
