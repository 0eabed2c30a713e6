"use client";

import { Sun } from "lucide-react";

import { Message } from "@/components/message";
import { addDays, endOfDay, format } from "@/lib/dates";
import { useHydrated } from "@/lib/use-hydrated";
import { useToday } from "@/lib/use-today";
import type { Filter } from "./filter";
import type { Task } from "./task-cache";
import { TaskComposer } from "./task-composer";
import { TaskList } from "./task-list";
import type { Group } from "./task-rows";
import { TasksFrame } from "./tasks-frame";
import { useTasks } from "./use-tasks";

/** What is due today, after what should have been done before. */
export default function Today() {
  const today = useToday();
  const isReady = useHydrated();
  const filter: Filter = { is_completed: false, due_before: addDays(today, 1).toISOString(), sort: "due_date" };
  const list = useTasks(filter);
  const groupOf = (task: Task): Group =>
    new Date(task.due_date ?? today) < today ? { key: "overdue", label: "Overdue" } : { key: "today", label: "Today" };
  return (
    <TasksFrame title="Today">
      <p className="-mt-3 text-muted-foreground">
        {/* The server doesn't know which day it is where the person is. */}
        {isReady ? format(today, { weekday: "long", day: "numeric", month: "long" }) : " "}
      </p>
      <TaskComposer defaults={{ due_date: endOfDay(today).toISOString() }} placeholder="What is for today?" />
      <TaskList
        list={list}
        groupOf={groupOf}
        leavesWhenToggled
        empty={
          <Message icon={Sun} title="Nothing is due today">
            Take it easy, or add something above.
          </Message>
        }
      />
    </TasksFrame>
  );
}
