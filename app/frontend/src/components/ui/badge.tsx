import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

/** A word or two about something. */
export function Badge({ className, ...props }: ComponentProps<"span">) {
  return (
    <span
      className={cn(
        "inline-flex h-5.5 min-w-0 max-w-48 items-center gap-1 rounded-full bg-muted px-2 text-muted-foreground text-xs",
        "[&_svg]:size-3 [&_svg]:shrink-0",
        className,
      )}
      {...props}
    />
  );
}
