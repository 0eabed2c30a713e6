import { type ReactNode, useId } from "react";

import { Card } from "@/components/ui/card";

interface SectionProps {
  title: string;
  description?: ReactNode;
  children: ReactNode;
}

/** One thing that can be set. */
export function Section({ title, description, children }: SectionProps) {
  const id = useId();
  return (
    <Card className="p-5 sm:p-6">
      <section aria-labelledby={id} className="grid gap-4">
        <div>
          <h2 id={id} className="font-semibold tracking-tight">
            {title}
          </h2>
          {description && <p className="mt-0.5 text-muted-foreground text-sm">{description}</p>}
        </div>
        {children}
      </section>
    </Card>
  );
}
