"use client";

import { Calendar, Flag, Folder, Hash, Repeat2, X } from "lucide-react";
import dynamic from "next/dynamic";
import type { ReactNode } from "react";

import { Badge } from "@/components/ui/badge";
import { fieldTrigger, Popover } from "@/components/ui/popover";
import { Select } from "@/components/ui/select";
import { Skeleton } from "@/components/ui/skeleton";
import { CategoryIcon } from "@/features/categories/category-icon";
import { useCategories } from "@/features/categories/use-categories";
import { describePattern } from "@/features/recurrence/rule";
import { describeMoment } from "@/lib/dates";
import { change, setTags } from "./actions";
import { DueButton } from "./due-button";
import { PRIORITY_NAMES } from "./priority";
import { useRun } from "./run";
import type { Task } from "./task-cache";

const CategoryPicker = dynamic(() => import("@/features/categories/category-picker"), {
  ssr: false,
  loading: () => <Skeleton className="h-64 w-56" />,
});
const TagPicker = dynamic(() => import("@/features/tags/tag-picker"), {
  ssr: false,
  loading: () => <Skeleton className="h-64 w-56" />,
});
const RecurrenceEditor = dynamic(() => import("@/features/recurrence/recurrence-editor"), {
  ssr: false,
  loading: () => <Skeleton className="h-80 w-72" />,
});

/** When, how urgent, of which kind: all that is not text. */
export function TaskFields({ task }: { task: Task }) {
  const run = useRun();
  const priorities = { high: PRIORITY_NAMES.high, medium: PRIORITY_NAMES.medium, low: PRIORITY_NAMES.low };
  return (
    <dl className="grid grid-cols-[6.5rem_minmax(0,1fr)] items-center gap-x-3 gap-y-2.5">
      <FieldRow icon={<Calendar aria-hidden />} label="Due">
        <DueButton task={task} placeholder="No date" className={fieldTrigger()} />
      </FieldRow>
      <FieldRow icon={<Repeat2 aria-hidden />} label="Repeat">
        <RecurrenceField task={task} />
      </FieldRow>
      <FieldRow icon={<Flag aria-hidden />} label="Priority">
        <Select
          aria-label="Priority"
          value={task.priority}
          options={priorities}
          onChange={(priority) => run(change([task], { priority }))}
          className="w-full"
        />
      </FieldRow>
      <FieldRow icon={<Folder aria-hidden />} label="Category">
        <CategoryField task={task} />
      </FieldRow>
      <FieldRow icon={<Hash aria-hidden />} label="Tags">
        <TagsField task={task} />
      </FieldRow>
    </dl>
  );
}

function FieldRow({ icon, label, children }: { icon: ReactNode; label: string; children: ReactNode }) {
  return (
    <>
      <dt className="flex items-center gap-2 text-muted-foreground text-sm [&_svg]:size-4">
        {icon}
        {label}
      </dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}

function RecurrenceField({ task }: { task: Task }) {
  const run = useRun();
  const { recurrence_pattern: pattern, recurrence_from_completion, recurrence_timezone, next_recurrence_date } = task;
  const text = pattern ? describePattern(pattern) : "Never";
  return (
    <>
      <Popover
        label="Repeat"
        triggerLabel={`Repeat: ${text}`}
        triggerClassName={fieldTrigger()}
        className="[position-area:bottom_span-left]"
        trigger={<span className="truncate">{text}</span>}
      >
        {() => (
          <RecurrenceEditor
            value={{ recurrence_pattern: pattern, recurrence_from_completion, recurrence_timezone }}
            start={task.due_date ? new Date(task.due_date) : new Date()}
            onChange={(recurrence) => run(change([task], recurrence))}
          />
        )}
      </Popover>
      {next_recurrence_date && (
        <p className="pt-1 text-muted-foreground text-xs">
          Then again {describeMoment(new Date(next_recurrence_date), new Date())}
        </p>
      )}
    </>
  );
}

function CategoryField({ task }: { task: Task }) {
  const run = useRun();
  const sign = useCategories().find(({ id }) => id === task.category_id);
  const name = task.category ?? "None";
  return (
    <Popover
      label="Category"
      triggerLabel={`Category: ${name}`}
      triggerClassName={fieldTrigger()}
      className="[position-area:bottom_span-left]"
      trigger={
        <>
          {task.category_id && <CategoryIcon icon={sign?.icon} color={sign?.color} />}
          <span className="truncate">{name}</span>
        </>
      }
    >
      {(close) => (
        <CategoryPicker
          selected={task.category_id}
          onSelect={(category) => {
            run(change([task], { category_id: category?.id ?? null, category: category?.name ?? null }));
            close();
          }}
        />
      )}
    </Popover>
  );
}

function TagsField({ task }: { task: Task }) {
  const run = useRun();
  const { tags } = task;
  const toggle = (tag: string) =>
    run(setTags(task, tags.includes(tag) ? tags.filter((other) => other !== tag) : [...tags, tag]));
  return (
    <div className="flex min-h-10 flex-wrap items-center gap-1.5">
      {tags.map((tag) => (
        <Badge key={tag} className="h-7 pr-1 text-foreground">
          <span className="truncate">{tag}</span>
          <button
            type="button"
            aria-label={`Remove the tag ${tag}`}
            onClick={() => toggle(tag)}
            className="grid size-5 cursor-pointer place-items-center rounded-full hover:bg-border"
          >
            <X aria-hidden />
          </button>
        </Badge>
      ))}
      <Popover
        label="Tags"
        triggerLabel="Tags"
        triggerClassName="inline-flex h-7 cursor-pointer items-center rounded-full border border-dashed border-input px-2.5 text-muted-foreground text-xs hover:bg-muted"
        className="[position-area:bottom_span-left]"
        trigger="Add tag"
      >
        {() => <TagPicker selected={tags} onToggle={toggle} />}
      </Popover>
    </div>
  );
}
