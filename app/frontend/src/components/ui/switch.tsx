import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

/** A native checkbox that is on or off. */
export function Switch({ className, ...props }: Omit<ComponentProps<"input">, "type" | "role">) {
  return (
    <input
      type="checkbox"
      // biome-ignore lint/a11y/useAriaPropsForRole: a native checkbox tells its state itself
      role="switch"
      className={cn(
        "relative h-6 w-10 shrink-0 cursor-pointer appearance-none rounded-full border border-input bg-muted transition-colors",
        "before:absolute before:top-0.75 before:left-0.75 before:size-4 before:rounded-full before:bg-input",
        "before:transition-transform checked:border-primary checked:bg-primary checked:before:translate-x-4",
        "checked:before:bg-primary-foreground disabled:cursor-default disabled:opacity-50",
        className,
      )}
      {...props}
    />
  );
}
