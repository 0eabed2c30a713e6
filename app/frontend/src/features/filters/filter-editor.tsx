"use client";

import { type ReactNode, useId } from "react";

import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { useCategories } from "@/features/categories/use-categories";
import { useTags } from "@/features/tags/use-tags";
import { type Filter, PRIORITIES } from "@/features/tasks/filter";
import { PRIORITY_NAMES, PriorityIcon } from "@/features/tasks/priority";
import { cn } from "@/lib/cn";
import { addDays, dayKey, parseDayKey } from "@/lib/dates";

const EARLIEST = "1970-01-01";

interface FilterEditorProps {
  filter: Filter;
  onChange: (filter: Filter) => void;
}

/** The conditions of a filter but for search, order, and what is done. */
export default function FilterEditor({ filter, onChange }: FilterEditorProps) {
  const id = useId();
  const categories = useCategories();
  const tags = useTags();
  const change = (changes: Filter) => onChange({ ...filter, ...changes });
  const { priority = [], tag = [] } = filter;
  return (
    <div className="grid w-72 gap-4 text-sm">
      <Group label="Priority">
        {PRIORITIES.map((value) => (
          <Toggle
            key={value}
            isOn={priority.includes(value)}
            onClick={() => change({ priority: toggle(priority, value) })}
          >
            <PriorityIcon priority={value} />
            {PRIORITY_NAMES[value]}
          </Toggle>
        ))}
      </Group>
      <div className="grid gap-1.5">
        <label htmlFor={`${id}-category`} className="font-medium">
          Category
        </label>
        <Select
          id={`${id}-category`}
          value={filter.category_id ?? ""}
          options={{ "": "Any", ...Object.fromEntries(categories.map((category) => [category.id, category.name])) }}
          onChange={(category_id) => change({ category_id: category_id || null })}
        />
      </div>
      {tags.length > 0 && (
        <Group label="Tags">
          {tags.map(({ name }) => (
            <Toggle key={name} isOn={tag.includes(name)} onClick={() => change({ tag: toggle(tag, name) })}>
              {name}
            </Toggle>
          ))}
        </Group>
      )}
      <DueFields filter={filter} onChange={change} />
      <div className="grid gap-1.5">
        <label htmlFor={`${id}-recurring`} className="font-medium">
          Repeats
        </label>
        <Select
          id={`${id}-recurring`}
          value={String(filter.recurring ?? "")}
          options={{ "": "Any", true: "Yes", false: "No" }}
          onChange={(value) => change({ recurring: value === "" ? null : value === "true" })}
        />
      </div>
    </div>
  );
}

function DueFields({ filter, onChange }: FilterEditorProps) {
  const { due_from, due_before, overdue } = filter;
  const set = (name: "due_from" | "due_before", { value, validity }: HTMLInputElement) => {
    const day = parseDayKey(value);
    // A year that is being typed is for a while one of long ago.
    if (validity.valid) {
      // The last day belongs to what is asked for.
      onChange({ [name]: day ? addDays(day, name === "due_from" ? 0 : 1).toISOString() : null });
    }
  };
  const show = (moment: string | null | undefined, days: number) =>
    moment ? dayKey(addDays(new Date(moment), days)) : "";
  return (
    <Group label="Due">
      <Toggle isOn={overdue === true} onClick={() => onChange({ overdue: overdue ? null : true })}>
        Overdue
      </Toggle>
      <span className="flex w-full items-center gap-2">
        <Input
          type="date"
          aria-label="Due from"
          min={EARLIEST}
          defaultValue={show(due_from, 0)}
          onChange={(event) => set("due_from", event.target)}
          className="h-9 px-2"
        />
        <span aria-hidden>–</span>
        <Input
          type="date"
          aria-label="Due until"
          min={EARLIEST}
          defaultValue={show(due_before, -1)}
          onChange={(event) => set("due_before", event.target)}
          className="h-9 px-2"
        />
      </span>
    </Group>
  );
}

function Group({ label, children }: { label: string; children: ReactNode }) {
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium">{label}</legend>
      <div className="flex max-h-32 flex-wrap gap-1.5 overflow-y-auto p-0.5">{children}</div>
    </fieldset>
  );
}

interface ToggleProps {
  isOn: boolean;
  onClick: () => void;
  children: ReactNode;
}

function Toggle({ isOn, onClick, children }: ToggleProps) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onClick}
      className={cn(
        "inline-flex h-8 max-w-full cursor-pointer items-center gap-1.5 rounded-full border px-3 [&_svg]:size-3.5",
        isOn ? "border-primary bg-primary/10 font-medium" : "hover:bg-muted",
      )}
    >
      {children}
    </button>
  );
}

function toggle<T>(values: readonly T[], value: T): T[] {
  return values.includes(value) ? values.filter((other) => other !== value) : [...values, value];
}
