"use client";

import { CalendarClock, CalendarX, Sun, Sunrise } from "lucide-react";
import dynamic from "next/dynamic";
import { useId } from "react";

import { addDays, endOfDay, isWholeDay } from "@/lib/dates";
import { PopoverItem } from "./popover";
import { Skeleton } from "./skeleton";

const Calendar = dynamic(() => import("./calendar"), {
  ssr: false,
  loading: () => <Skeleton className="h-72 w-63" />,
});

interface DatePickerProps {
  value: Date | undefined;
  /** Called with the moment, or nothing to have none; the last minute of a day stands for all of it. */
  onChange: (value: Date | undefined) => void;
  /** Called when a day was taken, after which most people are done. */
  onDone: () => void;
}

/** Takes a day by its name, or from a month, and a time if need be. */
export function DatePicker({ value, onChange, onDone }: DatePickerProps) {
  const id = useId();
  const now = new Date();
  const time = value && !isWholeDay(value) ? value : undefined;

  const takeDay = (day: Date) => {
    onChange(time ? at(day, time.getHours(), time.getMinutes()) : endOfDay(day));
    onDone();
  };
  const shownTime = time ? `${pad(time.getHours())}:${pad(time.getMinutes())}` : "";
  const takeTime = (text: string) => {
    if (text === shownTime) {
      return;
    }
    const [hours, minutes] = text.split(":").map(Number);
    const day = value ?? now;
    onChange(hours === undefined || minutes === undefined ? endOfDay(day) : at(day, hours, minutes));
  };
  const nextWeek = addDays(now, (8 - now.getDay()) % 7 || 7);
  return (
    <div className="grid w-63">
      <div className="grid grid-cols-2">
        <PopoverItem onClick={() => takeDay(now)}>
          <Sun aria-hidden className="text-muted-foreground" />
          Today
        </PopoverItem>
        <PopoverItem onClick={() => takeDay(addDays(now, 1))}>
          <Sunrise aria-hidden className="text-muted-foreground" />
          Tomorrow
        </PopoverItem>
        <PopoverItem onClick={() => takeDay(nextWeek)}>
          <CalendarClock aria-hidden className="text-muted-foreground" />
          Next Monday
        </PopoverItem>
        {value && (
          <PopoverItem
            onClick={() => {
              onChange(undefined);
              onDone();
            }}
          >
            <CalendarX aria-hidden className="text-muted-foreground" />
            No date
          </PopoverItem>
        )}
      </div>
      <hr className="-mx-3 my-2" />
      <Calendar selected={value} onSelect={takeDay} />
      <div className="mt-2 flex items-center justify-between gap-3 border-t pt-3 text-sm">
        <label htmlFor={id}>Time</label>
        <input
          id={id}
          type="time"
          defaultValue={shownTime}
          onBlur={(event) => takeTime(event.target.value)}
          className="h-9 rounded-md border border-input bg-card px-2 text-base sm:text-sm"
        />
      </div>
    </div>
  );
}

function at(day: Date, hours: number, minutes: number): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate(), hours, minutes);
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
