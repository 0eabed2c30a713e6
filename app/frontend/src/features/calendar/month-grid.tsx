"use client";

import { type KeyboardEvent, useEffect, useRef } from "react";

import type { Task } from "@/features/tasks/task-cache";
import { cn } from "@/lib/cn";
import { addDays, dayKey, format } from "@/lib/dates";

/** As many titles as a day has room for. */
const SHOWN = 3;

interface MonthGridProps {
  weeks: readonly (readonly Date[])[];
  /** The day that is looked at. */
  day: Date;
  today: Date;
  tasksOf: (day: Date) => readonly Task[];
  onTake: (day: Date) => void;
}

/** The days of a month with what is due on them; arrow keys go from day to day. */
export function MonthGrid({ weeks, day, today, tasksOf, onTake }: MonthGridProps) {
  const ref = useRef<HTMLTableElement>(null);
  const followsKeys = useRef<boolean>(false);
  const key = dayKey(day);

  useEffect(() => {
    if (followsKeys.current) {
      followsKeys.current = false;
      ref.current?.querySelector<HTMLElement>(`[data-day="${key}"]`)?.focus();
    }
  }, [key]);
  const onKeyDown = (event: KeyboardEvent) => {
    const next = dayAfterKey(day, event.key, weeks);
    if (next) {
      event.preventDefault();
      followsKeys.current = true;
      onTake(next);
    }
  };
  return (
    <div className="overflow-clip rounded-xl border bg-card shadow-xs">
      <table
        ref={ref}
        aria-label={format(day, { month: "long", year: "numeric" })}
        className="w-full table-fixed border-collapse"
      >
        <thead>
          <tr>
            {weeks[0]?.map((date) => (
              <th
                key={date.getDay()}
                scope="col"
                abbr={format(date, { weekday: "long" })}
                className="py-2 font-normal text-muted-foreground text-xs"
              >
                {format(date, { weekday: "short" })}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={week[0]?.getTime()} className="border-t">
              {week.map((date) => (
                <td key={date.getTime()} className="border-l p-0 align-top first:border-l-0">
                  <Day
                    date={date}
                    tasks={tasksOf(date)}
                    isTaken={dayKey(date) === key}
                    isToday={dayKey(date) === dayKey(today)}
                    isOutside={date.getMonth() !== day.getMonth()}
                    onTake={() => onTake(date)}
                    onKeyDown={onKeyDown}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface DayProps {
  date: Date;
  tasks: readonly Task[];
  isTaken: boolean;
  isToday: boolean;
  isOutside: boolean;
  onTake: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

function Day({ date, tasks, isTaken, isToday, isOutside, onTake, onKeyDown }: DayProps) {
  const count = tasks.length === 1 ? "1 task" : `${tasks.length || "no"} tasks`;
  return (
    <button
      type="button"
      data-day={dayKey(date)}
      tabIndex={isTaken ? 0 : -1}
      aria-label={`${format(date, { weekday: "long", day: "numeric", month: "long" })}, ${count}`}
      aria-pressed={isTaken}
      aria-current={isToday ? "date" : undefined}
      onClick={onTake}
      onKeyDown={onKeyDown}
      className={cn(
        "flex h-14 w-full cursor-pointer flex-col items-center gap-1 p-1 text-left transition-colors focus-visible:-outline-offset-2",
        "sm:h-28 sm:items-stretch sm:p-1.5",
        isTaken ? "bg-primary/8" : "hover:bg-muted/50",
        isOutside && "bg-muted/40 text-muted-foreground",
      )}
    >
      <span
        className={cn(
          "grid size-6.5 shrink-0 place-items-center rounded-full text-xs tabular-nums",
          isToday && "bg-primary font-semibold text-primary-foreground",
        )}
      >
        {date.getDate()}
      </span>
      {tasks.length > 0 && <span className="size-1.5 rounded-full bg-primary sm:hidden" />}
      <span className="hidden min-h-0 gap-0.5 sm:grid">
        {tasks.slice(0, SHOWN).map((task) => (
          <span
            key={task.id}
            className={cn(
              "truncate rounded bg-muted px-1.5 text-foreground text-xs leading-5",
              task.is_completed && "text-muted-foreground line-through",
            )}
          >
            {task.title}
          </span>
        ))}
        {tasks.length > SHOWN && (
          <span className="px-1.5 text-muted-foreground text-xs">{tasks.length - SHOWN} more</span>
        )}
      </span>
    </button>
  );
}

function dayAfterKey(day: Date, key: string, weeks: MonthGridProps["weeks"]): Date | undefined {
  const week = weeks.find((days) => days.some((date) => dayKey(date) === dayKey(day)));
  switch (key) {
    case "ArrowLeft":
      return addDays(day, -1);
    case "ArrowRight":
      return addDays(day, 1);
    case "ArrowUp":
      return addDays(day, -7);
    case "ArrowDown":
      return addDays(day, 7);
    case "Home":
      return week?.[0];
    case "End":
      return week?.at(-1);
    case "PageUp":
      return sameDayOfMonth(day, -1);
    case "PageDown":
      return sameDayOfMonth(day, 1);
    default:
      return undefined;
  }
}

function sameDayOfMonth(day: Date, months: number): Date {
  const last = new Date(day.getFullYear(), day.getMonth() + months + 1, 0);
  return new Date(last.getFullYear(), last.getMonth(), Math.min(day.getDate(), last.getDate()));
}
