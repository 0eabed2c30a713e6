"use client";

import { cn } from "@/lib/cn";
import { FILTERS, type Filter } from "./filter";

const LABELS: Readonly<Record<Filter, string>> = { all: "All", active: "Active", completed: "Completed" };

interface TaskFilterProps {
  value: Filter;
  onChange: (filter: Filter) => void;
}

export function TaskFilter({ value, onChange }: TaskFilterProps) {
  return (
    <fieldset className="inline-flex rounded-lg bg-muted p-1">
      <legend className="sr-only">Show</legend>
      {FILTERS.map((filter) => (
        <button
          key={filter}
          type="button"
          aria-pressed={filter === value}
          onClick={() => onChange(filter)}
          className={cn(
            "h-8 cursor-pointer rounded-md px-3 font-medium text-sm transition-colors",
            filter === value ? "bg-raised text-foreground shadow-xs" : "text-muted-foreground hover:text-foreground",
          )}
        >
          {LABELS[filter]}
        </button>
      ))}
    </fieldset>
  );
}
