import { cva, type VariantProps } from "class-variance-authority";
import { CircleAlert } from "lucide-react";
import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

const alertVariants = cva("flex items-start gap-3 rounded-lg border px-4 py-3 text-sm", {
  variants: {
    variant: {
      destructive: "border-destructive/30 bg-destructive-soft text-destructive",
      warning: "border-warning/30 bg-warning-soft text-warning",
    },
  },
  defaultVariants: { variant: "destructive" },
});

type AlertProps = ComponentProps<"div"> & VariantProps<typeof alertVariants>;

/** Tells at once, also to a screen reader, what went wrong. */
export function Alert({ className, variant, children, ...props }: AlertProps) {
  return (
    <div role="alert" className={cn(alertVariants({ variant }), className)} {...props}>
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="flex min-w-0 grow flex-wrap items-center justify-between gap-x-4 gap-y-2">{children}</div>
    </div>
  );
}
