"use client";

import { ChevronLeft, ChevronRight } from "lucide-react";
import { DayPicker } from "react-day-picker";

import { firstDayOfWeek } from "@/lib/dates";

interface CalendarProps {
  selected: Date | undefined;
  onSelect: (day: Date) => void;
}

const DAY = "size-9 cursor-pointer rounded-md text-sm transition-colors hover:bg-muted aria-disabled:opacity-40";

/** A month to take a day from; arrow keys go from day to day. */
export default function Calendar({ selected, onSelect }: CalendarProps) {
  return (
    <DayPicker
      mode="single"
      required
      autoFocus
      showOutsideDays
      weekStartsOn={firstDayOfWeek(navigator.language) as 0 | 1 | 5 | 6}
      selected={selected}
      {...(selected && { defaultMonth: selected })}
      onSelect={onSelect}
      components={{
        Chevron: ({ orientation }) =>
          orientation === "left" ? (
            <ChevronLeft aria-hidden className="size-4" />
          ) : (
            <ChevronRight aria-hidden className="size-4" />
          ),
      }}
      classNames={{
        months: "relative",
        nav: "absolute inset-x-0 top-0 flex justify-between",
        button_previous:
          "grid size-9 cursor-pointer place-items-center rounded-md text-muted-foreground hover:bg-muted",
        button_next: "grid size-9 cursor-pointer place-items-center rounded-md text-muted-foreground hover:bg-muted",
        month_caption: "flex h-9 items-center justify-center font-medium text-sm",
        month_grid: "mt-1 border-collapse",
        weekday: "size-9 font-normal text-muted-foreground text-xs",
        day: "p-0 text-center",
        day_button: DAY,
        outside: "text-muted-foreground",
        today: "[&>button]:font-semibold [&>button]:text-primary",
        selected: "[&>button]:bg-primary [&>button]:text-primary-foreground [&>button]:hover:bg-primary",
      }}
    />
  );
}
