"use client";

import { TriangleAlert } from "lucide-react";
import { useId } from "react";

import { Button } from "@/components/ui/button";
import type { Confirmation } from "./turn";

interface ConfirmationsProps {
  confirmations: readonly Confirmation[];
  onAnswer: (callIds: readonly string[], isAllowed: boolean) => void;
}

/** Asks whether the assistant may do what can't be undone. */
export function Confirmations({ confirmations, onAnswer }: ConfirmationsProps) {
  const id = useId();
  const answer = (isAllowed: boolean) =>
    onAnswer(
      confirmations.map((confirmation) => confirmation.id),
      isAllowed,
    );
  return (
    <section aria-labelledby={id} className="grid gap-3 rounded-lg border border-warning/40 bg-warning-soft p-4">
      <div id={id} className="flex gap-2.5 text-sm">
        <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warning" />
        <ul className="wrap-anywhere grid gap-1">
          {confirmations.map((confirmation) => (
            <li key={confirmation.id}>{confirmation.summary}</li>
          ))}
        </ul>
      </div>
      <div className="flex gap-2">
        <Button variant="destructive" size="small" onClick={() => answer(true)}>
          {confirmations.length > 1 ? "Yes, do all of it" : "Yes, do it"}
        </Button>
        <Button variant="outline" size="small" onClick={() => answer(false)}>
          No
        </Button>
      </div>
    </section>
  );
}
