"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Calendar, CheckCheck, Folder, Hash, RotateCcw, Trash2, X } from "lucide-react";
import type { ReactNode } from "react";

import type { TaskPriority } from "@/api";
import { Button } from "@/components/ui/button";
import { Popover, PopoverItem } from "@/components/ui/popover";
import CategoryPicker from "@/features/categories/category-picker";
import TagPicker from "@/features/tags/tag-picker";
import { addTag, change } from "./actions";
import { PRIORITIES } from "./filter";
import { DatePicker } from "./lazy";
import { PRIORITY_NAMES, PriorityIcon } from "./priority";
import { run } from "./run";
import type { Selection } from "./selection";
import type { Task } from "./task-cache";
import { completeWithUndo, removeWithUndo } from "./undo";

interface BulkBarProps {
  tasks: readonly Task[];
  selection: Selection;
}

/** What can be done to the chosen tasks together. */
export default function BulkBar({ tasks, selection }: BulkBarProps) {
  const client = useQueryClient();
  const chosen = tasks.filter((task) => selection.ids.has(task.id));
  const isNothing = chosen.length === 0;
  const isAllDone = !isNothing && chosen.every((task) => task.is_completed);

  const setPriority = (priority: TaskPriority) => run(client, change(chosen, { priority }));
  return (
    <div
      role="toolbar"
      aria-label="Chosen tasks"
      className="sticky bottom-18 z-10 mx-auto flex w-full max-w-full animate-appear flex-wrap items-center rounded-xl border bg-card p-2 shadow-lg lg:bottom-4"
    >
      <span role="status" className="px-2 font-medium text-sm tabular-nums">
        {chosen.length} chosen
      </span>
      <Button variant="ghost" size="small" onClick={selection.all}>
        All
      </Button>
      <span aria-hidden className="mx-1 h-6 border-l" />
      <Tool
        label={isAllDone ? "Reopen" : "Complete"}
        icon={isAllDone ? <RotateCcw aria-hidden /> : <CheckCheck aria-hidden />}
        disabled={isNothing}
        onClick={() => {
          completeWithUndo(client, chosen, !isAllDone);
          selection.end();
        }}
      />
      <ToolPopover label="Due" icon={<Calendar aria-hidden />} disabled={isNothing}>
        {(close) => (
          <DatePicker
            value={undefined}
            onChange={(date) => run(client, change(chosen, { due_date: date?.toISOString() ?? null }))}
            onDone={close}
          />
        )}
      </ToolPopover>
      <ToolPopover label="Priority" icon={<PriorityIcon priority="high" />} disabled={isNothing}>
        {(close) =>
          PRIORITIES.map((priority) => (
            <PopoverItem
              key={priority}
              onClick={() => {
                setPriority(priority);
                close();
              }}
            >
              <PriorityIcon priority={priority} />
              {PRIORITY_NAMES[priority]}
            </PopoverItem>
          ))
        }
      </ToolPopover>
      <ToolPopover label="Category" icon={<Folder aria-hidden />} disabled={isNothing}>
        {(close) => (
          <CategoryPicker
            selected={null}
            onSelect={(category) => {
              run(client, change(chosen, { category_id: category?.id ?? null, category: category?.name ?? null }));
              close();
            }}
          />
        )}
      </ToolPopover>
      <ToolPopover label="Tag" icon={<Hash aria-hidden />} disabled={isNothing}>
        {(close) => (
          <TagPicker
            selected={[]}
            onToggle={(tag) => {
              run(client, addTag(chosen, tag));
              close();
            }}
          />
        )}
      </ToolPopover>
      <Tool
        isNarrow
        label="Delete"
        icon={<Trash2 aria-hidden />}
        disabled={isNothing}
        onClick={() => {
          removeWithUndo(client, chosen);
          selection.end();
        }}
      />
      <Button variant="ghost" size="icon" aria-label="Stop selecting" onClick={selection.end} className="ml-auto">
        <X aria-hidden />
      </Button>
    </div>
  );
}

const TOOL =
  "inline-flex h-9 cursor-pointer items-center gap-2 rounded-md px-2.5 text-sm hover:bg-muted disabled:cursor-default disabled:opacity-50 [&_svg]:size-4";

interface ToolProps {
  label: string;
  icon: ReactNode;
  disabled: boolean;
  /** Whether its icon says enough. */
  isNarrow?: boolean;
}

function Tool({ label, icon, disabled, isNarrow, onClick }: ToolProps & { onClick: () => void }) {
  return (
    <button type="button" aria-label={label} disabled={disabled} onClick={onClick} className={TOOL}>
      {icon}
      {!isNarrow && <span className="hidden md:inline">{label}</span>}
    </button>
  );
}

function ToolPopover(props: ToolProps & { children: (close: () => void) => ReactNode }) {
  const { label, icon, disabled, children } = props;
  return (
    <Popover
      label={label}
      triggerLabel={label}
      triggerClassName={TOOL}
      disabled={disabled}
      className="[position-area:top_span-right]"
      trigger={
        <>
          {icon}
          <span className="hidden md:inline">{label}</span>
        </>
      }
    >
      {children}
    </Popover>
  );
}
