"use client";

import { Bell } from "lucide-react";
import Link from "next/link";

import type { ReminderRead } from "@/api";
import { Button } from "@/components/ui/button";
import { useTask } from "@/features/tasks/use-task";
import { useComeUp } from "./queries";

/** Says what there is to be reminded of, until someone has seen it. */
export default function ComeUp() {
  const { reminders, dismiss } = useComeUp();
  return (
    <section
      aria-label="Come up"
      aria-live="polite"
      className="sticky top-3 z-20 mx-auto mt-3 grid w-full max-w-lg gap-2 px-4 empty:hidden"
    >
      {reminders.map((reminder) => (
        <Notice key={reminder.id} reminder={reminder} onSeen={() => dismiss(reminder.id)} />
      ))}
    </section>
  );
}

function Notice({ reminder, onSeen }: { reminder: ReminderRead; onSeen: () => void }) {
  const { data: task } = useTask(reminder.task_id);
  return (
    task && (
      <div className="flex animate-appear items-center gap-3 rounded-lg border bg-card py-2 pr-2 pl-4 text-sm shadow-lg">
        <Bell aria-hidden className="size-4 shrink-0 text-primary" />
        <p className="wrap-anywhere min-w-0 grow font-medium">{task.title}</p>
        <Link
          href={`/?task=${task.id}`}
          prefetch={false}
          onClick={onSeen}
          className="rounded-md px-2 py-1.5 font-medium text-primary hover:bg-muted"
        >
          Open
        </Link>
        <Button variant="ghost" size="small" onClick={onSeen}>
          Dismiss
        </Button>
      </div>
    )
  );
}
