"use client";

import { useId, useState } from "react";

import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { cn } from "@/lib/cn";
import { addMonths, dayKey } from "@/lib/dates";
import {
  describeRule,
  every,
  FREQUENCIES,
  type Frequency,
  formatRule,
  nthOf,
  parseRule,
  positionName,
  type Rule,
  WEEKDAYS,
  type Weekday,
  weekdayName,
  weekdayOf,
} from "./rule";

const UNITS: Readonly<Record<Frequency, string>> = {
  DAILY: "days",
  WEEKLY: "weeks",
  MONTHLY: "months",
  YEARLY: "years",
};
const WORKDAYS: readonly Weekday[] = ["MO", "TU", "WE", "TH", "FR"];

export interface Recurrence {
  recurrence_pattern: string | null;
  recurrence_from_completion: boolean;
  recurrence_timezone: string;
}

interface RecurrenceEditorProps {
  value: Recurrence;
  /** When the task is due, which is the start. */
  start: Date;
  onChange: (value: Recurrence) => void;
}

/** Sets how often a task comes again: by a few usual ways at once, and by a rule of one's own. */
export default function RecurrenceEditor({ value, start, onChange }: RecurrenceEditorProps) {
  const { recurrence_pattern: pattern, recurrence_from_completion: fromCompletion } = value;
  const saved = pattern ? parseRule(pattern) : undefined;
  const [rule, setRule] = useState<Rule>(saved ?? every("WEEKLY"));

  const save = (next: string | null, isFromCompletion = fromCompletion) =>
    onChange({
      recurrence_pattern: next,
      recurrence_from_completion: next !== null && isFromCompletion,
      recurrence_timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    });
  const usual: Readonly<Record<string, Rule>> = {
    "Every day": every("DAILY"),
    "On weekdays": every("WEEKLY", { weekdays: WORKDAYS }),
    [`Weekly on ${weekdayName(weekdayOf(start))}`]: every("WEEKLY"),
    [`Monthly on day ${start.getDate()}`]: every("MONTHLY"),
    "Every year": every("YEARLY"),
  };
  return (
    <div className="grid w-72 gap-4 text-sm">
      {pattern && !saved && (
        <p className="wrap-anywhere rounded-md bg-muted px-3 py-2 text-muted-foreground">
          The rule <code>{pattern}</code> stays until you choose another.
        </p>
      )}
      <div className="flex flex-wrap gap-1.5">
        <Choice isOn={!pattern} onClick={() => save(null)}>
          Never
        </Choice>
        {Object.entries(usual).map(([label, choice]) => (
          <Choice
            key={label}
            isOn={saved !== undefined && formatRule(saved) === formatRule(choice)}
            onClick={() => {
              setRule(choice);
              save(formatRule(choice));
            }}
          >
            {label}
          </Choice>
        ))}
      </div>
      <RuleFields rule={rule} start={start} onChange={setRule} />
      <label className="flex items-start gap-2.5">
        <input
          type="checkbox"
          checked={fromCompletion}
          disabled={!pattern || Boolean(rule.count)}
          onChange={(event) => save(pattern, event.target.checked)}
          className="mt-0.5 size-4 accent-primary"
        />
        <span>Count from when it was done, not from when it was due</span>
      </label>
      <div className="flex items-center justify-between gap-3 border-t pt-3">
        <p className="text-muted-foreground">{describeRule(rule)}</p>
        <Button
          size="small"
          disabled={saved !== undefined && formatRule(saved) === formatRule(rule)}
          className="disabled:opacity-50"
          onClick={() => save(formatRule(rule), fromCompletion && !rule.count)}
        >
          Repeat
        </Button>
      </div>
    </div>
  );
}

interface RuleFieldsProps {
  rule: Rule;
  start: Date;
  onChange: (rule: Rule) => void;
}

function RuleFields({ rule, start, onChange }: RuleFieldsProps) {
  const id = useId();
  const change = (changes: Partial<Rule>) => onChange({ ...rule, ...changes });
  const nth = nthOf(start);
  const toggle = (day: Weekday) =>
    change({
      weekdays: WEEKDAYS.filter((other) => (other === day) !== rule.weekdays.includes(other)),
    });
  return (
    <div className="grid gap-3">
      <div className="flex items-center gap-2">
        <label htmlFor={`${id}-interval`}>Every</label>
        <span className="w-20 shrink-0">
          <Input
            id={`${id}-interval`}
            type="number"
            min={1}
            max={1000}
            value={rule.interval}
            onChange={(event) => change({ interval: Math.min(1000, Math.max(1, event.target.valueAsNumber || 1)) })}
          />
        </span>
        <Select
          aria-label="Unit"
          value={rule.frequency}
          options={Object.fromEntries(FREQUENCIES.map((value) => [value, UNITS[value]])) as Record<Frequency, string>}
          onChange={(frequency) => change({ frequency, weekdays: [], nth: undefined })}
          className="grow"
        />
      </div>
      {rule.frequency === "WEEKLY" && (
        <fieldset className="flex justify-between">
          <legend className="sr-only">On these days</legend>
          {WEEKDAYS.map((day) => (
            <Choice
              key={day}
              isOn={rule.weekdays.includes(day)}
              label={weekdayName(day)}
              onClick={() => toggle(day)}
              className="size-9 justify-center px-0"
            >
              {weekdayName(day, "short").slice(0, 2)}
            </Choice>
          ))}
        </fieldset>
      )}
      {rule.frequency === "MONTHLY" && (
        <Select
          aria-label="On which day"
          value={rule.nth ? "nth" : "day"}
          options={{
            day: `On day ${start.getDate()}`,
            nth: `On the ${positionName((rule.nth ?? nth).position)} ${weekdayName((rule.nth ?? nth).weekday)}`,
          }}
          onChange={(kind) => change({ nth: kind === "nth" ? nth : undefined })}
        />
      )}
      <EndFields rule={rule} start={start} onChange={change} />
    </div>
  );
}

interface EndFieldsProps {
  rule: Rule;
  start: Date;
  onChange: (changes: Partial<Rule>) => void;
}

type End = "never" | "until" | "count";

function EndFields({ rule, start, onChange }: EndFieldsProps) {
  const end: End = rule.until ? "until" : rule.count ? "count" : "never";
  const ends: Readonly<Record<End, Partial<Rule>>> = {
    never: { until: undefined, count: undefined },
    until: { until: dayKey(addMonths(start, 3)), count: undefined },
    count: { until: undefined, count: 10 },
  };
  return (
    <div className="flex gap-2">
      <Select
        aria-label="Ends"
        value={end}
        options={{ never: "Never ends", until: "Ends on", count: "Ends after" }}
        onChange={(kind) => onChange(ends[kind])}
        className="grow"
      />
      {end === "until" && (
        <span className="w-38 shrink-0">
          <Input
            type="date"
            aria-label="Last day"
            required
            value={rule.until}
            onChange={(event) => event.target.value && onChange({ until: event.target.value })}
          />
        </span>
      )}
      {end === "count" && (
        <span className="w-20 shrink-0">
          <Input
            type="number"
            aria-label="Number of times"
            min={1}
            max={1000}
            value={rule.count}
            onChange={(event) => onChange({ count: Math.min(1000, Math.max(1, event.target.valueAsNumber || 1)) })}
          />
        </span>
      )}
    </div>
  );
}

interface ChoiceProps {
  isOn: boolean;
  /** Its name, where what it shows is short. */
  label?: string;
  onClick: () => void;
  className?: string;
  children: string;
}

function Choice({ isOn, label, onClick, className, children }: ChoiceProps) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      aria-label={label}
      onClick={onClick}
      className={cn(
        "inline-flex h-8 cursor-pointer items-center rounded-full border px-3 text-sm transition-colors",
        isOn ? "border-primary bg-primary text-primary-foreground" : "hover:bg-muted",
        className,
      )}
    >
      {children}
    </button>
  );
}
