import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

interface MessageProps {
  icon: LucideIcon;
  title: string;
  /** Whether it is all that the page shows, so that the title is the page's. */
  isPage?: boolean;
  children: ReactNode;
}

/** A calm few words where there is nothing else to show. */
export function Message({ icon: Icon, title, isPage, children }: MessageProps) {
  const Heading = isPage ? "h1" : "h2";
  return (
    <div className="flex flex-col items-center px-6 py-14 text-center">
      <span className="mb-4 grid size-12 place-items-center rounded-full bg-muted text-muted-foreground">
        <Icon aria-hidden className="size-6" strokeWidth={1.75} />
      </span>
      <Heading className="font-medium">{title}</Heading>
      <div className="mt-1 max-w-xs text-balance text-muted-foreground text-sm">{children}</div>
    </div>
  );
}
