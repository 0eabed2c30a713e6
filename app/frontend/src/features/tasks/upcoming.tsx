"use client";

import { CalendarRange } from "lucide-react";

import { Message } from "@/components/message";
import { addDays, dayKey, describeDay, endOfDay, format } from "@/lib/dates";
import { useToday } from "@/lib/use-today";
import type { Filter } from "./filter";
import type { Task } from "./task-cache";
import { TaskComposer } from "./task-composer";
import { TaskList } from "./task-list";
import type { Group } from "./task-rows";
import { TasksFrame } from "./tasks-frame";
import { useTasks } from "./use-tasks";

/** What comes after today, day by day. */
export default function Upcoming() {
  const today = useToday();
  const tomorrow = addDays(today, 1);
  const filter: Filter = { is_completed: false, due_from: tomorrow.toISOString(), sort: "due_date" };
  const list = useTasks(filter);
  const groupOf = (task: Task): Group => {
    const day = new Date(task.due_date ?? today);
    return { key: dayKey(day), label: labelOf(day, today) };
  };
  return (
    <TasksFrame title="Upcoming">
      <TaskComposer defaults={{ due_date: endOfDay(tomorrow).toISOString() }} placeholder="What is for tomorrow?" />
      <TaskList
        list={list}
        groupOf={groupOf}
        leavesWhenToggled
        empty={
          <Message icon={CalendarRange} title="Nothing is coming up">
            What has a date after today will be here.
          </Message>
        }
      />
    </TasksFrame>
  );
}

function labelOf(day: Date, today: Date): string {
  const name = describeDay(day, today);
  const date = format(day, { weekday: "short", day: "numeric", month: "long" });
  return name === "Tomorrow" ? `Tomorrow · ${date}` : date;
}
