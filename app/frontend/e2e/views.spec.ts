import { expect, ONCE, test } from "./app";
import { inDays } from "./days";

const TASKS = [
  { title: "Apples", priority: "low", tags: ["errand"], due_date: inDays(3) },
  { title: "Bread", priority: "high", tags: ["errand", "today"], category: "Food" },
  { title: "Coffee", description: "from the mill", recurrence_pattern: "daily", due_date: inDays(1) },
];

test("tasks are searched, sorted and filtered, and the address keeps it", async ({ app, page }) => {
  await app.enter(TASKS);
  await expect.poll(() => app.titles()).toEqual(["Coffee", "Bread", "Apples"]);
  await page.getByLabel("Order").selectOption("Title");
  await expect.poll(() => app.titles()).toEqual(["Apples", "Bread", "Coffee"]);
  await page.getByLabel("Order").selectOption("Due soonest");
  await expect.poll(() => app.titles()).toEqual(["Coffee", "Apples", "Bread"]);

  await page.getByRole("searchbox", { name: "Search" }).fill("MILL");
  await expect.poll(() => app.titles()).toEqual(["Coffee"]);
  await app.reload();
  await expect.poll(() => app.titles()).toEqual(["Coffee"]);
  await page.getByRole("searchbox", { name: "Search" }).fill("mills");
  await expect(page.getByText("Nothing found")).toBeVisible();
  await page.getByRole("button", { name: "Clear the search" }).click();
  await expect.poll(() => app.titles()).toEqual(["Coffee", "Apples", "Bread"]);

  await page.getByRole("button", { name: "Filter" }).click();
  const filter = page.getByRole("dialog", { name: "Filter" });
  await filter.getByRole("button", { name: "errand" }).click();
  await expect.poll(() => app.titles()).toEqual(["Apples", "Bread"]);
  await filter.getByRole("button", { name: "High" }).click();
  await filter.getByLabel("Category").selectOption("Food");
  await expect.poll(() => app.titles()).toEqual(["Bread"]);
  await filter.getByRole("button", { name: "High" }).click();
  await filter.getByRole("button", { name: "errand" }).click();
  await filter.getByLabel("Category").selectOption("Any");
  await filter.getByLabel("Repeats").selectOption("Yes");
  await expect.poll(() => app.titles()).toEqual(["Coffee"]);
  await filter.getByLabel("Repeats").selectOption("Any");
  const day = new Date(inDays(3));
  await filter.getByLabel("Due from").fill(day.toLocaleDateString("sv"));
  await filter.getByLabel("Due until").fill(day.toLocaleDateString("sv"));
  await expect.poll(() => app.titles()).toEqual(["Apples"]);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Clear", exact: true }).click();
  await expect.poll(() => app.titles()).toEqual(["Coffee", "Bread", "Apples"]);
});

test("a filter is kept as a view, changed, renamed, deleted and brought back", async ({ app, page }) => {
  await app.enter(TASKS, "/?tag=errand");
  await expect.poll(() => app.titles()).toEqual(["Bread", "Apples"]);
  await page.getByRole("button", { name: "Save view" }).click();
  await page.getByLabel("Name of the view").fill("Errands");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Errands", level: 1 })).toBeVisible();
  await expect.poll(() => app.titles()).toEqual(["Bread", "Apples"]);

  await page.getByLabel("Order").selectOption("Due soonest");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByRole("button", { name: "Save changes" })).toBeHidden();
  await page.getByRole("button", { name: "Rename the view" }).click();
  await page.getByLabel("Name of the view").fill("Outside");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Outside", level: 1 })).toBeVisible();
  await app.reload();
  await expect(page.getByRole("heading", { name: "Outside", level: 1 })).toBeVisible();
  await expect.poll(() => app.titles()).toEqual(["Apples", "Bread"]);

  await page.getByRole("button", { name: "Delete the view" }).click();
  await expect(app.heading).toBeVisible();
  await app.undo("Deleted the view “Outside”");
  await expect
    .poll(async () => (await app.api<{ items: { name: string }[] }>("GET", "/filters")).items.map(({ name }) => name))
    .toEqual(["Outside"]);
});

test("today holds what is due and what is late, and takes new tasks for today", ONCE, async ({ app, page }) => {
  await app.enter([{ title: "Later", due_date: inDays(2) }, { title: "No hurry" }]);
  await app.import([{ title: "Late", due_date: inDays(-1) }]);
  await page.goto("/today");
  await expect(page.getByRole("heading", { name: "Overdue" })).toBeVisible();
  await app.add("Now");
  await expect(page.getByRole("heading", { name: "Today", level: 2 })).toBeVisible();
  await expect.poll(() => app.titles()).toEqual(["Late", "Now"]);
  await app.task("Late").click();
  await app.task("Now").click();
  await expect(page.getByText("Nothing is due today")).toBeVisible();
});

test("upcoming goes day by day", async ({ app, page }) => {
  await app.enter(
    [
      { title: "Far", due_date: inDays(40) },
      { title: "Near", due_date: inDays(1, 9) },
      { title: "Also near", due_date: inDays(1, 18) },
    ],
    "/upcoming",
  );
  await expect(page.getByRole("heading", { level: 2 })).toHaveCount(2);
  await expect(page.getByRole("heading", { name: /^Tomorrow · / })).toBeVisible();
  await expect.poll(() => app.titles()).toEqual(["Near", "Also near", "Far"]);
  await app.add("Tomorrow too");
  await expect.poll(() => app.titles()).toEqual(["Near", "Also near", "Tomorrow too", "Far"]);
});

test("the calendar shows a month, and a day's tasks; arrow keys go through it", async ({ app, page }) => {
  const today = new Date();
  await app.enter([{ title: "Meet Ines", due_date: inDays(0) }], "/calendar");
  await expect(app.task("Meet Ines")).toBeVisible();
  const cell = (date: Date) =>
    page.getByRole("button", {
      name: `${date.toLocaleDateString("en", { weekday: "long", day: "numeric", month: "long" })},`,
    });
  await expect(cell(today)).toHaveAccessibleName(/, 1 task$/);
  await cell(today).focus();
  await page.keyboard.press("ArrowRight");
  const tomorrow = new Date(inDays(1));
  await expect(cell(tomorrow)).toBeFocused();
  await expect(page.getByText("Nothing on this day.")).toBeVisible();
  await app.add("Rest");
  await expect(cell(tomorrow)).toHaveAccessibleName(/, 1 task$/);

  await page.getByRole("button", { name: "Month after" }).click();
  const month = new Date(tomorrow.getFullYear(), tomorrow.getMonth() + 1, 1);
  await expect(
    page.getByRole("heading", { name: month.toLocaleDateString("en", { month: "long", year: "numeric" }), level: 1 }),
  ).toBeVisible();
  await page.getByRole("button", { name: "Today", exact: true }).click();
  await expect(app.task("Meet Ines")).toBeVisible();
});
