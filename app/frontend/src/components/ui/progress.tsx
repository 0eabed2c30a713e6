import { cn } from "@/lib/cn";

interface ProgressProps {
  /** Names what goes on. */
  label: string;
  /** From 0 to 1. */
  value: number;
  className?: string;
}

/** How much of something is done. */
export function Progress({ label, value, className }: ProgressProps) {
  return (
    <progress
      aria-label={label}
      value={value}
      className={cn(
        "h-1.5 w-full appearance-none overflow-hidden rounded-full bg-muted",
        "[&::-moz-progress-bar]:bg-primary [&::-webkit-progress-bar]:bg-muted [&::-webkit-progress-value]:bg-primary",
        "[&::-webkit-progress-value]:transition-[width]",
        className,
      )}
    />
  );
}
