"use client";

import { type ComponentProps, type ReactNode, useId, useRef, useState } from "react";

import { cn } from "@/lib/cn";

interface PopoverProps {
  /** Names what opens. */
  label: string;
  /** What stands in the button. */
  trigger: ReactNode;
  /** Names the button, where what stands in it does not. */
  triggerLabel?: string | undefined;
  triggerClassName?: string;
  disabled?: boolean | undefined;
  className?: string;
  /** Made when it opens. */
  children: (close: () => void) => ReactNode;
}

/** A button, and what it opens beside itself: placed, closed and given the focus back by the browser. */
export function Popover(props: PopoverProps) {
  const { label, trigger, triggerLabel, triggerClassName, disabled, className, children } = props;
  const id = useId();
  const ref = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        popoverTarget={id}
        aria-haspopup="dialog"
        aria-label={triggerLabel}
        disabled={disabled}
        className={triggerClassName}
      >
        {trigger}
      </button>
      <div
        ref={ref}
        id={id}
        popover="auto"
        role="dialog"
        aria-label={label}
        onToggle={(event) => event.target === event.currentTarget && setOpen(event.newState === "open")}
        className={cn(
          "inset-auto m-1 max-h-[min(36rem,90dvh)] overflow-y-auto rounded-lg border bg-card p-3 text-foreground shadow-lg",
          "[position-area:bottom_span-right] [position-try-fallbacks:flip-inline,flip-block,flip-block_flip-inline]",
          className,
        )}
      >
        {isOpen && children(() => ref.current?.hidePopover())}
      </div>
    </>
  );
}

/** Looks like a field, and is the button of a popover. */
export function fieldTrigger(className?: string): string {
  return cn(
    "inline-flex h-10 w-full min-w-0 cursor-pointer items-center gap-2 rounded-md border bg-card px-3",
    "text-left text-sm shadow-xs transition-colors hover:bg-muted/50 disabled:cursor-default disabled:opacity-60",
    "[&_svg]:size-4 [&_svg]:shrink-0",
    className,
  );
}

/** A choice in a popover. */
export function PopoverItem({ className, ...props }: ComponentProps<"button">) {
  return (
    <button
      type="button"
      className={cn(
        "flex h-9 w-full cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-left text-sm hover:bg-muted",
        "[&_svg]:size-4 [&_svg]:shrink-0",
        className,
      )}
      {...props}
    />
  );
}
