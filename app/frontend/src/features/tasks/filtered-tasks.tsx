"use client";

import { ListChecks, PartyPopper, SearchX, Sprout } from "lucide-react";
import dynamic from "next/dynamic";
import type { ReactNode } from "react";

import { Message } from "@/components/message";
import { type Filter, hasConditions } from "./filter";
import { useSelection } from "./selection";
import { TaskList } from "./task-list";
import { TaskToolbar } from "./task-toolbar";
import { useTasks } from "./use-tasks";

const BulkBar = dynamic(() => import("./bulk-bar"), { ssr: false });

interface FilteredTasksProps {
  filter: Filter;
  onChange: (filter: Filter) => void;
  /** What can be done with the filter as a whole. */
  children?: ReactNode;
}

/** The tasks that a filter finds, the filter itself, and what can be done to many of them at once. */
export default function FilteredTasks({ filter, onChange, children }: FilteredTasksProps) {
  const list = useTasks(filter);
  const selection = useSelection(list.tasks);
  return (
    <>
      <TaskToolbar
        filter={filter}
        onChange={onChange}
        onSelect={() => (selection.isOn ? selection.end() : selection.start())}
      >
        {children}
        <p role="status" className="ml-auto text-muted-foreground text-sm">
          {list.tasks && describeCount(filter, list.tasks.length, list.hasMore)}
        </p>
      </TaskToolbar>
      <TaskList
        list={list}
        selection={selection}
        leavesWhenToggled={(filter.is_completed ?? null) !== null}
        empty={<Empty filter={filter} />}
      />
      {selection.isOn && <BulkBar tasks={list.tasks ?? []} selection={selection} />}
    </>
  );
}

function Empty({ filter }: { filter: Filter }) {
  if (hasConditions(filter)) {
    return (
      <Message icon={SearchX} title="Nothing found">
        No task is like that.
      </Message>
    );
  }
  switch (filter.is_completed) {
    case true:
      return (
        <Message icon={ListChecks} title="Nothing completed yet">
          What you complete will be kept here.
        </Message>
      );
    case false:
      return (
        <Message icon={PartyPopper} title="All done">
          Nothing is left to do. Enjoy the quiet.
        </Message>
      );
    default:
      return (
        <Message icon={Sprout} title="A fresh start">
          Add your first task above. One small thing is enough.
        </Message>
      );
  }
}

function describeCount({ is_completed }: Filter, count: number, hasMore: boolean): string {
  const number = `${count}${hasMore ? "+" : ""}`;
  switch (is_completed) {
    case true:
      return `${number} done`;
    case false:
      return `${number} to do`;
    default:
      return `${number} ${count === 1 ? "task" : "tasks"}`;
  }
}
