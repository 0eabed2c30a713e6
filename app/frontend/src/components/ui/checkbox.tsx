import { Check } from "lucide-react";
import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

/** A round native checkbox. */
export function Checkbox({ className, ...props }: Omit<ComponentProps<"input">, "type">) {
  return (
    <span className={cn("relative inline-grid size-6 shrink-0 place-items-center", className)}>
      <input
        type="checkbox"
        className={cn(
          "peer size-5.5 cursor-pointer appearance-none rounded-full border-2 border-input transition-colors",
          "checked:border-primary checked:bg-primary hover:border-primary disabled:cursor-default",
        )}
        {...props}
      />
      <Check
        aria-hidden
        strokeWidth={3.5}
        className="pointer-events-none absolute size-3.5 text-primary-foreground opacity-0 peer-checked:opacity-100"
      />
    </span>
  );
}
