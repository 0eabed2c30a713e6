"use client";

import { TriangleAlert } from "lucide-react";
import { useId } from "react";

import { Button } from "@/components/ui/button";

interface ConfirmationProps {
  summary: string;
  onAnswer: (isAllowed: boolean) => void;
}

/** Asks whether the assistant may do what can't be undone. */
export function Confirmation({ summary, onAnswer }: ConfirmationProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="grid gap-3 rounded-lg border border-warning/40 bg-warning-soft p-4">
      <p id={id} className="flex gap-2.5 text-sm">
        <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warning" />
        <span className="wrap-anywhere">{summary}</span>
      </p>
      <div className="flex gap-2">
        <Button variant="destructive" size="small" onClick={() => onAnswer(true)}>
          Yes, do it
        </Button>
        <Button variant="outline" size="small" onClick={() => onAnswer(false)}>
          No
        </Button>
      </div>
    </section>
  );
}
