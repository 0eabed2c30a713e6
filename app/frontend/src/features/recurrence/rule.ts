import { format, parseDayKey } from "@/lib/dates";

export const FREQUENCIES = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"] as const;
export type Frequency = (typeof FREQUENCIES)[number];

export const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** How often a task comes again, as far as a person can set it here. */
export interface Rule {
  frequency: Frequency;
  interval: number;
  /** On which days of the week; none is the day of the due date. */
  weekdays: readonly Weekday[];
  /** For every month: on which of its weekdays, such as the second Tuesday or (-1) the last Friday. */
  nth: { position: number; weekday: Weekday } | undefined;
  /** The last day, like 2026-11-22. */
  until: string | undefined;
  count: number | undefined;
}

const WORDS: Readonly<Record<string, Frequency>> = {
  daily: "DAILY",
  weekly: "WEEKLY",
  monthly: "MONTHLY",
  yearly: "YEARLY",
};
const KNOWN = new Set(["FREQ", "INTERVAL", "BYDAY", "UNTIL", "COUNT"]);
const POSITIONS: Readonly<Record<number, string>> = { 1: "first", 2: "second", 3: "third", 4: "fourth", [-1]: "last" };
const UNITS: Readonly<Record<Frequency, string>> = { DAILY: "day", WEEKLY: "week", MONTHLY: "month", YEARLY: "year" };

export function every(frequency: Frequency, changes: Partial<Rule> = {}): Rule {
  return { frequency, interval: 1, weekdays: [], nth: undefined, until: undefined, count: undefined, ...changes };
}

/** Reads what the API holds; undefined for a rule that says more than can be set here. */
export function parseRule(pattern: string): Rule | undefined {
  const word = WORDS[pattern.trim().toLowerCase()];
  if (word) {
    return every(word);
  }
  const text = pattern
    .trim()
    .toUpperCase()
    .replace(/^RRULE:/, "");
  if (text.includes("\n")) {
    return undefined;
  }
  const parts = new Map(text.split(";").map((part) => part.split("=", 2) as [string, string]));
  const frequency = FREQUENCIES.find((value) => value === parts.get("FREQ"));
  if (!frequency || [...parts.keys()].some((name) => !KNOWN.has(name))) {
    return undefined;
  }
  const days = parseDays(frequency, parts.get("BYDAY"));
  return (
    days &&
    every(frequency, {
      interval: Number(parts.get("INTERVAL") ?? 1),
      until: parts.get("UNTIL")?.replace(/^(\d{4})(\d\d)(\d\d).*$/, "$1-$2-$3"),
      count: parts.has("COUNT") ? Number(parts.get("COUNT")) : undefined,
      ...days,
    })
  );
}

function parseDays(frequency: Frequency, text: string | undefined): Partial<Rule> | undefined {
  if (!text) {
    return {};
  }
  const days = text.split(",");
  const weekdays = WEEKDAYS.filter((day) => days.includes(day));
  if (frequency === "WEEKLY" && weekdays.length === days.length) {
    return { weekdays };
  }
  const [, position, weekday] = /^([1-4]|-1)(MO|TU|WE|TH|FR|SA|SU)$/.exec(text) ?? [];
  return frequency === "MONTHLY" && weekday
    ? { nth: { position: Number(position), weekday: weekday as Weekday } }
    : undefined;
}

/** Writes a rule as the API takes it. */
export function formatRule(rule: Rule): string {
  const { frequency, interval, weekdays, nth, until, count } = rule;
  const days = frequency === "WEEKLY" ? weekdays.join(",") : frequency === "MONTHLY" && nth ? nthDay(nth) : "";
  const parts = [
    interval > 1 && `INTERVAL=${interval}`,
    days && `BYDAY=${days}`,
    until && `UNTIL=${until.replaceAll("-", "")}`,
    count && `COUNT=${count}`,
  ].filter(Boolean);
  // A word also knows what to do with months that are too short.
  return parts.length > 0 ? [`FREQ=${frequency}`, ...parts].join(";") : frequency.toLowerCase();
}

function nthDay({ position, weekday }: NonNullable<Rule["nth"]>): string {
  return `${position}${weekday}`;
}

/** A rule in words. */
export function describeRule(rule: Rule): string {
  const { frequency, interval, weekdays, nth, until, count } = rule;
  const unit = UNITS[frequency];
  const often = interval > 1 ? `Every ${interval} ${unit}s` : `Every ${unit}`;
  return often + describeDays(weekdays, nth) + describeEnd(until, count);
}

function describeDays(weekdays: readonly Weekday[], nth: Rule["nth"]): string {
  if (nth) {
    return ` on the ${POSITIONS[nth.position]} ${weekdayName(nth.weekday)}`;
  }
  if (weekdays.join() === "MO,TU,WE,TH,FR") {
    return " on weekdays";
  }
  return weekdays.length > 0 ? ` on ${new Intl.ListFormat("en").format(weekdays.map((day) => weekdayName(day)))}` : "";
}

function describeEnd(until: string | undefined, count: number | undefined): string {
  const last = until && parseDayKey(until);
  if (last) {
    return `, until ${format(last, { day: "numeric", month: "short", year: "numeric" })}`;
  }
  return count ? `, ${count === 1 ? "once" : `${count} times`}` : "";
}

/** What the API holds, in words. */
export function describePattern(pattern: string): string {
  const rule = parseRule(pattern);
  return rule ? describeRule(rule) : "By a rule of its own";
}

export function weekdayOf(date: Date): Weekday {
  return WEEKDAYS[(date.getDay() + 6) % 7] ?? "MO";
}

/** Which of its month's weekdays a day is. */
export function nthOf(date: Date): NonNullable<Rule["nth"]> {
  const position = Math.ceil(date.getDate() / 7);
  return { position: position > 4 ? -1 : position, weekday: weekdayOf(date) };
}

export function weekdayName(weekday: Weekday, style: "long" | "short" = "long"): string {
  // 2024 began on a Monday.
  return format(new Date(2024, 0, 1 + WEEKDAYS.indexOf(weekday)), { weekday: style });
}

export function positionName(position: number): string {
  return POSITIONS[position] ?? "";
}
