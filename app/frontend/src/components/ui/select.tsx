import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

interface SelectProps<Value extends string> extends Omit<ComponentProps<"select">, "onChange" | "value"> {
  value: Value;
  options: Readonly<Partial<Record<Value, string>>>;
  onChange: (value: Value) => void;
}

/** A native choice, which every device shows the way its owner knows. */
export function Select<Value extends string>({ value, options, onChange, className, ...props }: SelectProps<Value>) {
  return (
    <span className={cn("relative inline-flex min-w-0", className)}>
      <select
        value={value}
        onChange={(event) => onChange(event.target.value as Value)}
        className={cn(
          "h-10 w-full min-w-0 cursor-pointer appearance-none truncate rounded-md border bg-card pr-9 pl-3",
          "text-sm shadow-xs transition-colors hover:bg-muted/50 disabled:cursor-default",
        )}
        {...props}
      >
        {(Object.entries(options) as [Value, string][]).map(([option, label]) => (
          <option key={option} value={option}>
            {label}
          </option>
        ))}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-1/2 right-3 size-4 -translate-y-1/2 text-muted-foreground"
      />
    </span>
  );
}
