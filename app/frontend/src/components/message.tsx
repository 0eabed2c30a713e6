import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

interface MessageProps {
  icon: LucideIcon;
  title: string;
  children: ReactNode;
}

/** A calm few words where there is nothing else to show. */
export function Message({ icon: Icon, title, children }: MessageProps) {
  return (
    <div className="flex flex-col items-center px-6 py-14 text-center">
      <span className="mb-4 grid size-12 place-items-center rounded-full bg-muted text-muted-foreground">
        <Icon aria-hidden className="size-6" strokeWidth={1.75} />
      </span>
      <h2 className="font-medium">{title}</h2>
      <div className="mt-1 max-w-xs text-balance text-muted-foreground text-sm">{children}</div>
    </div>
  );
}
