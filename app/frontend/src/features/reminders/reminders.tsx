"use client";

import { Bell, X } from "lucide-react";
import { type SubmitEvent, useId, useState } from "react";

import type { ReminderRead } from "@/api";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Popover, PopoverItem } from "@/components/ui/popover";
import type { Task } from "@/features/tasks/task-cache";
import { describeMoment } from "@/lib/dates";
import { useReminders } from "./queries";

const DISTANCES: ReadonlyMap<number, string> = new Map([
  [0, "When it is due"],
  [10, "10 minutes before"],
  [60, "1 hour before"],
  [24 * 60, "1 day before"],
]);

/** When to be reminded of a task: at a moment, or so long before it is due. */
export function Reminders({ task }: { task: Task }) {
  const { reminders, error, add, remove } = useReminders(task.id);
  return (
    <section className="grid gap-2">
      <h3 className="font-medium text-sm">Reminders</h3>
      {error && <Alert>{error.message}</Alert>}
      <ul aria-label="Reminders" className="grid empty:hidden">
        {reminders.map((reminder) => (
          <li key={reminder.id} className="flex items-center gap-2 text-sm">
            <Bell aria-hidden className="size-4 text-muted-foreground" />
            <span className="grow">{describe(reminder)}</span>
            <Button
              variant="ghost"
              size="icon"
              aria-label={`Remove the reminder: ${describe(reminder)}`}
              onClick={() => remove(reminder.id)}
            >
              <X aria-hidden />
            </Button>
          </li>
        ))}
      </ul>
      <Popover
        label="Add a reminder"
        triggerClassName="inline-flex h-7 cursor-pointer items-center justify-self-start rounded-full border border-dashed border-input px-2.5 text-muted-foreground text-xs hover:bg-muted"
        trigger="Add reminder"
      >
        {(close) => (
          <div className="grid w-60 gap-1">
            {task.due_date &&
              [...DISTANCES].map(([minutes, text]) => (
                <PopoverItem
                  key={minutes}
                  onClick={() => {
                    add({ minutes_before: minutes });
                    close();
                  }}
                >
                  {text}
                </PopoverItem>
              ))}
            <MomentForm
              onChoose={(moment) => {
                add({ remind_at: moment.toISOString() });
                close();
              }}
            />
          </div>
        )}
      </Popover>
    </section>
  );
}

function MomentForm({ onChoose }: { onChoose: (moment: Date) => void }) {
  const id = useId();
  const [text, setText] = useState("");
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    onChoose(new Date(text));
  };
  return (
    <form onSubmit={submit} className="grid gap-2 border-t p-2.5 first:border-t-0">
      <label htmlFor={id} className="text-sm">
        At a time
      </label>
      <Input
        id={id}
        type="datetime-local"
        required
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="sm:text-sm"
      />
      <Button type="submit" size="small" disabled={!text} className="justify-self-start disabled:opacity-50">
        Remind me
      </Button>
    </form>
  );
}

function describe({ minutes_before, remind_at }: ReminderRead): string {
  const moment = describeMoment(new Date(remind_at), new Date());
  if (minutes_before === null) {
    return moment;
  }
  return `${DISTANCES.get(minutes_before) ?? `${minutes_before} minutes before`} (${moment})`;
}
