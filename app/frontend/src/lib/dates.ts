/** Days on the wall clock of the person who looks. */

export const MINUTE = 60_000;

export function startOfDay(date: Date): Date {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate());
}

/** The last minute of a day, which stands for "some time that day". */
export function endOfDay(date: Date): Date {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate(), 23, 59);
}

/** Whether a moment stands for a whole day. */
export function isWholeDay(date: Date): boolean {
  return date.getHours() === 23 && date.getMinutes() === 59;
}

export function addDays(date: Date, days: number): Date {
  const result = new Date(date);
  result.setDate(result.getDate() + days);
  return result;
}

/** The first day of the month that is so many months later. */
export function addMonths(date: Date, months: number): Date {
  return new Date(date.getFullYear(), date.getMonth() + months, 1);
}

/** A day by the name that sorts, like 2026-11-22. */
export function dayKey(date: Date): string {
  const pad = (value: number, length: number) => String(value).padStart(length, "0");
  return `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)}`;
}

/** The day of a name like 2026-11-22, if it is one. */
export function parseDayKey(key: string): Date | undefined {
  const [year, month, day] = key.split("-").map(Number);
  if (!(year && month && day)) {
    return undefined;
  }
  const date = new Date(year, month - 1, day);
  return dayKey(date) === key ? date : undefined;
}

/** How many midnights lie between two moments. */
export function daysBetween(from: Date, to: Date): number {
  return Math.round((startOfDay(to).getTime() - startOfDay(from).getTime()) / (24 * 60 * MINUTE));
}

/** The weeks that show a whole month, from the day on which weeks begin (0 is Sunday). */
export function weeksOfMonth(month: Date, firstDay: number): Date[][] {
  const first = new Date(month.getFullYear(), month.getMonth(), 1);
  const start = addDays(first, -((first.getDay() - firstDay + 7) % 7));
  const last = new Date(month.getFullYear(), month.getMonth() + 1, 0);
  const count = Math.ceil((daysBetween(start, last) + 1) / 7);
  return Array.from({ length: count }, (_, week) =>
    Array.from({ length: 7 }, (_, day) => addDays(start, week * 7 + day)),
  );
}

interface WeekInfo {
  firstDay: number;
}

/** The day on which weeks begin where the person is: 0 for Sunday, 1 for Monday. */
export function firstDayOfWeek(language: string): number {
  const locale = new Intl.Locale(language) as Intl.Locale & { getWeekInfo?: () => WeekInfo; weekInfo?: WeekInfo };
  return (locale.getWeekInfo?.() ?? locale.weekInfo ?? { firstDay: 1 }).firstDay % 7;
}

/** A day in few words: by name when it is near, with the year when it is far. */
export function describeDay(date: Date, now: Date): string {
  const distance = daysBetween(now, date);
  if (distance >= -1 && distance <= 1) {
    return { [-1]: "Yesterday", 0: "Today", 1: "Tomorrow" }[distance] as string;
  }
  if (distance > 1 && distance < 7) {
    return format(date, { weekday: "long" });
  }
  const year = date.getFullYear() === now.getFullYear() ? {} : { year: "numeric" as const };
  return format(date, { day: "numeric", month: "short", ...year });
}

/** A moment in few words: its day, and the time unless it stands for the whole day. */
export function describeMoment(date: Date, now: Date): string {
  const day = describeDay(date, now);
  return isWholeDay(date) ? day : `${day}, ${describeTime(date)}`;
}

export function describeTime(date: Date): string {
  return format(date, { hour: "numeric", minute: "2-digit" });
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Formats in the person's language; the formatters are dear to make, and kept. */
export function format(date: Date, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify(options);
  const formatter = formats.get(key) ?? new Intl.DateTimeFormat(undefined, options);
  formats.set(key, formatter);
  return formatter.format(date);
}
