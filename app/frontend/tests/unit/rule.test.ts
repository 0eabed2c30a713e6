import { describe, expect, it } from "vitest";

import { describePattern, every, formatRule, nthOf, parseRule, weekdayOf } from "@/features/recurrence/rule";

describe("rules", () => {
  it.each([
    ["daily", "Every day"],
    ["monthly", "Every month"],
    ["FREQ=DAILY;INTERVAL=3", "Every 3 days"],
    ["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Every week on weekdays"],
    ["FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", "Every 2 weeks on Monday and Wednesday"],
    ["FREQ=MONTHLY;BYDAY=2TU", "Every month on the second Tuesday"],
    ["FREQ=MONTHLY;BYDAY=-1FR", "Every month on the last Friday"],
    ["FREQ=YEARLY;COUNT=5", "Every year, 5 times"],
    ["FREQ=DAILY;UNTIL=20301224", "Every day, until Dec 24, 2030"],
  ])("%s: %s, and written again as it was", (pattern, words) => {
    expect(describePattern(pattern)).toBe(words);
    const rule = parseRule(pattern);
    expect(rule && formatRule(rule)).toBe(pattern);
  });

  it("reads what other programs write", () => {
    expect(parseRule("RRULE:freq=weekly;byday=SU,MO;interval=1")).toEqual(every("WEEKLY", { weekdays: ["MO", "SU"] }));
    expect(parseRule("FREQ=DAILY;UNTIL=20301224T120000Z")?.until).toBe("2030-12-24");
  });

  it.each(["FREQ=MONTHLY;BYMONTHDAY=1,15", "RRULE:FREQ=DAILY\nEXDATE:20300101", "FREQ=WEEKLY;BYDAY=1MO", "hourly"])(
    "leaves alone what it could not write again: %s",
    (pattern) => {
      expect(parseRule(pattern)).toBeUndefined();
      expect(describePattern(pattern)).toBe("By a rule of its own");
    },
  );

  it("forgets what does not go with the frequency", () => {
    expect(formatRule(every("DAILY", { weekdays: ["MO"], nth: { position: 1, weekday: "MO" } }))).toBe("daily");
  });

  it("knows which of its month's weekdays a day is", () => {
    expect(weekdayOf(new Date(2026, 10, 22))).toBe("SU");
    expect(nthOf(new Date(2026, 10, 10))).toEqual({ position: 2, weekday: "TU" });
    expect(nthOf(new Date(2026, 10, 30))).toEqual({ position: -1, weekday: "MO" });
  });
});
