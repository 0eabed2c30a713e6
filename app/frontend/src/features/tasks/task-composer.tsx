"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Calendar, Plus } from "lucide-react";
import { type SubmitEvent, useId, useState } from "react";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Popover } from "@/components/ui/popover";
import { cn } from "@/lib/cn";
import { describeMoment } from "@/lib/dates";
import { useHydrated } from "@/lib/use-hydrated";
import type { NewTask } from "./actions";
import { DatePicker, loadActions } from "./lazy";
import { TITLE_LENGTH } from "./title";

interface TaskComposerProps {
  /** What a new task has before anybody says so. */
  defaults?: Omit<NewTask, "title">;
  placeholder?: string;
}

/** Adds tasks, one line each. */
export function TaskComposer({ defaults = {}, placeholder = "What needs to be done?" }: TaskComposerProps) {
  const id = useId();
  const isReady = useHydrated();
  const client = useQueryClient();
  const [title, setTitle] = useState("");
  const [chosen, setChosen] = useState<Date | null>();
  const due = chosen === undefined && defaults.due_date ? new Date(defaults.due_date) : (chosen ?? undefined);

  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (title.trim()) {
      const task = { ...defaults, title: title.trim(), due_date: due?.toISOString() ?? null };
      void loadActions().then(({ addTask }) => {
        addTask(client, task);
        setTitle("");
        setChosen(undefined);
      });
    }
  };
  return (
    <Card className="focus-within:border-ring focus-within:ring-3 focus-within:ring-ring/20">
      <form onSubmit={submit} className="flex items-center gap-1.5 p-2 pl-4">
        <Plus aria-hidden className="size-5 shrink-0 text-muted-foreground" />
        <label htmlFor={id} className="sr-only">
          New task
        </label>
        <input
          id={id}
          data-composer
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          disabled={!isReady}
          maxLength={TITLE_LENGTH}
          placeholder={placeholder}
          autoComplete="off"
          enterKeyHint="done"
          className="h-10 min-w-0 grow bg-transparent px-1 outline-none placeholder:text-muted-foreground"
        />
        <Popover
          label="Due date"
          triggerLabel={isReady && due ? `Due date: ${describeMoment(due, new Date())}` : "Due date"}
          disabled={!isReady}
          triggerClassName={cn(
            "inline-flex h-9 shrink-0 cursor-pointer items-center gap-1.5 rounded-md px-2.5 text-sm hover:bg-muted",
            due ? "text-primary" : "text-muted-foreground",
          )}
          className="[position-area:bottom_span-left]"
          trigger={
            <>
              <Calendar aria-hidden className="size-4" />
              {isReady && due && <span className="hidden sm:inline">{describeMoment(due, new Date())}</span>}
            </>
          }
        >
          {(close) => <DatePicker value={due} onChange={(date) => setChosen(date ?? null)} onDone={close} />}
        </Popover>
        <Button type="submit" disabled={!title.trim()} className="disabled:opacity-50">
          Add
        </Button>
      </form>
    </Card>
  );
}
