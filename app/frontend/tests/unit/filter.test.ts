import { describe, expect, it } from "vitest";

import {
  compareBy,
  countConditions,
  type Filter,
  matches,
  readFilter,
  tidy,
  writeFilter,
} from "@/features/tasks/filter";
import { task } from "./task";

const NOW = new Date("2026-11-22T12:00:00Z");

describe("the address", () => {
  const filters: Filter[] = [
    {},
    { is_completed: false },
    { is_completed: true, overdue: false, recurring: true },
    { priority: ["high", "low"], tag: ["a b", "c&d"] },
    { search: "50 % off?", category_id: "c1", sort: "due_date" },
    { due_from: "2026-11-22T00:00:00.000Z", due_before: "2026-11-23T00:00:00.000Z" },
  ];

  it.each(filters)("gives back what was written: %j", (filter) => {
    expect(readFilter(new URLSearchParams(writeFilter(filter).toString()))).toEqual(filter);
  });

  it("passes over what it doesn't know", () => {
    const params = new URLSearchParams("overdue=maybe&priority=urgent&sort=color&task=1&tag=");
    expect(readFilter(params)).toEqual({});
  });

  it("leaves out what makes no difference", () => {
    expect(writeFilter({ search: "", tag: [], priority: [], overdue: null, sort: "-created_at" }).toString()).toBe("");
  });
});

it("counts conditions, a span of dates as one", () => {
  expect(countConditions({ search: "x", sort: "title", is_completed: true })).toBe(0);
  expect(countConditions({ due_from: "a", due_before: "b", tag: ["x", "y"], overdue: true })).toBe(3);
});

it("makes equal filters look alike", () => {
  const one = tidy({ tag: ["a"], overdue: true, status: [], completed: null });
  expect(JSON.stringify(one)).toBe(JSON.stringify(tidy({ overdue: true, tag: ["a"], search: "" })));
});

describe("matches", () => {
  const late = task({ due_date: "2026-11-22T11:59:00Z", tags: ["home", "now"], title: "Water the PLANTS" });
  const cases: [Filter, boolean][] = [
    [{}, true],
    [{ is_completed: false }, true],
    [{ is_completed: true }, false],
    [{ priority: ["high"] }, false],
    [{ priority: ["high", "medium"] }, true],
    [{ tag: ["home", "now"] }, true],
    [{ tag: ["home", "later"] }, false],
    [{ search: "plants" }, true],
    [{ search: "flowers" }, false],
    [{ category_id: "c1" }, false],
    [{ overdue: true }, true],
    [{ overdue: false }, false],
    [{ recurring: true }, false],
    [{ recurring: false }, true],
    [{ due_before: "2026-11-22T11:59:00Z" }, false],
    [{ due_from: "2026-11-22T11:59:00Z" }, true],
    [{ due_from: "2026-11-22T00:00:00Z", due_before: "2026-11-23T00:00:00Z" }, true],
  ];

  it.each(cases)("%j: %s", (filter, expected) => {
    expect(matches(filter, late, NOW)).toBe(expected);
  });

  it("finds no task without a date by its date, and none that is done overdue", () => {
    expect(matches({ due_before: "2030-01-01T00:00:00Z" }, task(), NOW)).toBe(false);
    expect(matches({ overdue: true }, task({ due_date: "2020-01-01T00:00:00Z", is_completed: true }), NOW)).toBe(false);
    expect(matches({ overdue: false }, task(), NOW)).toBe(true);
  });
});

describe("compareBy", () => {
  const sorted = (sort: Parameters<typeof compareBy>[0], ...tasks: ReturnType<typeof task>[]) =>
    tasks.toSorted(compareBy(sort)).map(({ title }) => title);

  it("puts the newest first, unless told otherwise", () => {
    const old = task({ title: "old", created_at: "2026-01-01T00:00:00Z" });
    const fresh = task({ title: "fresh", created_at: "2026-02-01T00:00:00Z" });
    expect(sorted(undefined, old, fresh)).toEqual(["fresh", "old"]);
    expect(sorted("created_at", fresh, old)).toEqual(["old", "fresh"]);
  });

  it("puts tasks without a date last, and important ones first", () => {
    const none = task({ title: "none" });
    const soon = task({ title: "soon", due_date: "2026-11-23T00:00:00Z", priority: "low" });
    const later = task({ title: "later", due_date: "2026-12-23T00:00:00Z", priority: "high" });
    expect(sorted("due_date", none, later, soon)).toEqual(["soon", "later", "none"]);
    expect(sorted("-priority", soon, none, later)).toEqual(["later", "none", "soon"]);
  });
});
