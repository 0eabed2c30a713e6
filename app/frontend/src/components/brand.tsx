import { Check } from "lucide-react";

export function Brand({ name }: { name: string }) {
  return (
    <span className="inline-flex min-w-0 items-center gap-2.5 font-semibold tracking-tight">
      <span className="grid size-7 shrink-0 place-items-center rounded-lg bg-primary text-primary-foreground">
        <Check aria-hidden className="size-4" strokeWidth={3} />
      </span>
      <span className="truncate">{name}</span>
    </span>
  );
}
