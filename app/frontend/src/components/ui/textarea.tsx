import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

/** A field that grows with what is written. */
export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
  return (
    <textarea
      className={cn(
        "field-sizing-content max-h-96 min-h-20 w-full resize-none rounded-md border border-input bg-card px-3 py-2 text-base",
        "leading-relaxed shadow-xs transition-colors placeholder:text-muted-foreground sm:text-sm",
        className,
      )}
      {...props}
    />
  );
}
