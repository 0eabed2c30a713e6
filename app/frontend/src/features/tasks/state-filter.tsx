"use client";

import { cn } from "@/lib/cn";

const STATES = [
  { label: "All", value: undefined },
  { label: "Active", value: false },
  { label: "Completed", value: true },
] as const;

interface StateFilterProps {
  value: boolean | undefined;
  onChange: (isCompleted: boolean | undefined) => void;
}

/** Whether to show what is done. */
export function StateFilter({ value, onChange }: StateFilterProps) {
  return (
    <fieldset className="inline-flex rounded-lg bg-muted p-1">
      <legend className="sr-only">Show</legend>
      {STATES.map((state) => (
        <button
          key={state.label}
          type="button"
          aria-pressed={state.value === value}
          onClick={() => onChange(state.value)}
          className={cn(
            "h-8 cursor-pointer rounded-md px-3 font-medium text-sm transition-colors",
            state.value === value
              ? "bg-raised text-foreground shadow-xs"
              : "text-muted-foreground hover:text-foreground",
          )}
        >
          {state.label}
        </button>
      ))}
    </fieldset>
  );
}
