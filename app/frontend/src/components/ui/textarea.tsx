import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

const textareaVariants = cva(
  "field-sizing-content max-h-96 w-full resize-none rounded-md transition-colors placeholder:text-muted-foreground",
  {
    variants: {
      variant: {
        field: "min-h-20 border border-input bg-card px-3 py-2 text-base leading-relaxed shadow-xs sm:text-sm",
        title: "bg-transparent px-2 py-1.5 font-semibold text-lg leading-snug hover:bg-muted/50",
      },
    },
    defaultVariants: { variant: "field" },
  },
);

/** A field that grows with what is written. */
export function Textarea({
  className,
  variant,
  ...props
}: ComponentProps<"textarea"> & VariantProps<typeof textareaVariants>) {
  return <textarea className={cn(textareaVariants({ variant }), className)} {...props} />;
}
