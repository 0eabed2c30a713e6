"use client";

import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useMemo, useState } from "react";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import type { Filter } from "@/features/tasks/filter";
import type { Task } from "@/features/tasks/task-cache";
import { TaskComposer } from "@/features/tasks/task-composer";
import { TaskRow } from "@/features/tasks/task-row";
import { TasksFailed } from "@/features/tasks/tasks-failed";
import { TasksFrame } from "@/features/tasks/tasks-frame";
import { useTasks } from "@/features/tasks/use-tasks";
import { addDays, addMonths, dayKey, daysBetween, endOfDay, firstDayOfWeek, format, weeksOfMonth } from "@/lib/dates";
import { groupBy } from "@/lib/group-by";
import { useToday } from "@/lib/use-today";
import { MonthGrid } from "./month-grid";

/** A month of tasks, and the day that is looked at. */
export default function OpenCalendar() {
  const today = useToday();
  const [day, setDay] = useState(today);
  const weeks = useMemo(() => weeksOfMonth(day, firstDayOfWeek(navigator.language)), [day]);
  const first = weeks[0]?.[0] ?? day;
  const last = weeks.at(-1)?.[6] ?? day;
  const filter: Filter = {
    due_from: first.toISOString(),
    due_before: addDays(last, 1).toISOString(),
    sort: "due_date",
  };
  const list = useTasks(filter);
  const { tasks, hasMore, isFetching, fetchMore } = list;
  // A month is shown whole.
  useEffect(() => {
    if (hasMore && !isFetching) {
      void fetchMore();
    }
  }, [hasMore, isFetching, fetchMore]);
  const days = useMemo(() => groupBy(tasks ?? [], (task) => dayKey(new Date(task.due_date ?? 0))), [tasks]);
  return (
    <TasksFrame
      title={format(day, { month: "long", year: "numeric" })}
      isWide
      actions={
        <>
          <Button variant="outline" size="small" onClick={() => setDay(today)}>
            Today
          </Button>
          <Button variant="ghost" size="icon" aria-label="Month before" onClick={() => setDay(addMonths(day, -1))}>
            <ChevronLeft aria-hidden />
          </Button>
          <Button variant="ghost" size="icon" aria-label="Month after" onClick={() => setDay(addMonths(day, 1))}>
            <ChevronRight aria-hidden />
          </Button>
        </>
      }
    >
      {list.error && !tasks ? (
        <Card>
          <TasksFailed error={list.error} onRetry={list.refetch} />
        </Card>
      ) : (
        <>
          <MonthGrid
            weeks={weeks}
            day={day}
            today={today}
            tasksOf={(date) => days.get(dayKey(date)) ?? []}
            onTake={setDay}
          />
          <DayTasks day={day} today={today} tasks={days.get(dayKey(day)) ?? []} />
        </>
      )}
    </TasksFrame>
  );
}

function DayTasks({ day, today, tasks }: { day: Date; today: Date; tasks: readonly Task[] }) {
  return (
    <section className="mx-auto grid w-full max-w-3xl gap-3">
      <h2 className="font-semibold text-lg">{format(day, { weekday: "long", day: "numeric", month: "long" })}</h2>
      {daysBetween(today, day) >= 0 && (
        <TaskComposer
          key={dayKey(day)}
          defaults={{ due_date: endOfDay(day).toISOString() }}
          placeholder="Add to this day"
        />
      )}
      <Card className="overflow-clip">
        {tasks.length > 0 ? (
          <ul aria-label="Tasks of the day" className="divide-y">
            {tasks.map((task) => (
              <li key={task.id}>
                <TaskRow task={task} leavesWhenToggled={false} />
              </li>
            ))}
          </ul>
        ) : (
          <p className="px-4 py-6 text-center text-muted-foreground text-sm">Nothing on this day.</p>
        )}
      </Card>
    </section>
  );
}
