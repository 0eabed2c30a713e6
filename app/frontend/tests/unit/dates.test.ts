import { describe, expect, it } from "vitest";

import {
  addDays,
  addMonths,
  dayKey,
  daysBetween,
  describeDay,
  describeMoment,
  endOfDay,
  isWholeDay,
  parseDayKey,
  weeksOfMonth,
} from "@/lib/dates";

const NOW = new Date(2026, 10, 22, 12, 30);

describe("days", () => {
  it("have names that sort, and that lead back", () => {
    expect(dayKey(new Date(2026, 0, 5, 23, 59))).toBe("2026-01-05");
    expect(parseDayKey("2026-01-05")).toEqual(new Date(2026, 0, 5));
    expect(parseDayKey("2026-02-30")).toBeUndefined();
    expect(parseDayKey("tomorrow")).toBeUndefined();
  });

  it("are counted by midnights, also where the clock is turned", () => {
    for (let days = 0; days < 400; days++) {
      expect(daysBetween(NOW, addDays(NOW, days))).toBe(days);
    }
  });

  it("are told from moments by their last minute", () => {
    expect(isWholeDay(endOfDay(NOW))).toBe(true);
    expect(isWholeDay(NOW)).toBe(false);
  });

  it.each([
    [-1, "Yesterday"],
    [0, "Today"],
    [1, "Tomorrow"],
    [2, "Tuesday"],
    [-2, "Nov 20"],
    [7, "Nov 29"],
    [60, "Jan 21, 2027"],
  ])("%s days from now: %s", (days, words) => {
    expect(describeDay(addDays(NOW, days), NOW)).toBe(words);
  });

  it("come with a time if they have one", () => {
    expect(describeMoment(endOfDay(NOW), NOW)).toBe("Today");
    expect(describeMoment(new Date(2026, 10, 23, 9, 5), NOW).replace(/\s/g, " ")).toBe("Tomorrow, 9:05 AM");
  });
});

describe("weeks of a month", () => {
  it.each([0, 1, 6])("hold each of its days once, and begin on day %s", (firstDay) => {
    for (let month = new Date(2024, 0, 1); month.getFullYear() < 2028; month = addMonths(month, 1)) {
      const weeks = weeksOfMonth(month, firstDay);
      const days = weeks.flat().filter((day) => day.getMonth() === month.getMonth());
      expect(days.map((day) => day.getDate())).toEqual(
        Array.from(
          { length: new Date(month.getFullYear(), month.getMonth() + 1, 0).getDate() },
          (_, index) => index + 1,
        ),
      );
      expect(weeks.every((week) => week.length === 7 && week[0]?.getDay() === firstDay)).toBe(true);
    }
  });
});
