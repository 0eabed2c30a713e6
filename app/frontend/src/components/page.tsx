import type { ReactNode } from "react";

import { cn } from "@/lib/cn";

interface PageProps {
  title: string;
  /** Beside the title: the page's main buttons. */
  actions?: ReactNode;
  /** A page that needs the whole width, such as a calendar. */
  isWide?: boolean;
  children: ReactNode;
}

/** A page of the app: its heading, and what is on it. */
export function Page({ title, actions, isWide, children }: PageProps) {
  return (
    <div className={cn("mx-auto grid w-full grid-cols-1 gap-5", isWide ? "max-w-6xl" : "max-w-3xl")}>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h1 className="font-semibold text-2xl tracking-tight sm:text-3xl">{title}</h1>
        {actions && <div className="flex items-center gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  );
}
