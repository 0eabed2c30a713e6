import { expect, ONCE, test } from "./app";
import { inDays } from "./days";

test("a visitor signs up, adds a task, completes it, finds it so after a reload, and signs out", async ({
  app,
  page,
}) => {
  const email = await app.signUp();
  await expect(page.getByText("A fresh start")).toBeVisible();

  await app.add("Water the plants");
  await app.task("Water the plants").check();
  await expect(page.getByRole("status").filter({ hasText: "1 task" })).toBeVisible();
  await app.show("Completed");
  await expect(app.task("Water the plants")).toBeChecked();

  await app.reload();
  await expect(app.task("Water the plants")).toBeChecked();

  await app.signOut();
  await page.goto("/");
  await expect(page).toHaveURL(/\/sign-in$/);

  await app.signIn(email);
  await expect(app.task("Water the plants")).toBeChecked();
});

test("tasks are renamed in place, reopened, and shown by whether they are done", async ({ app, page }) => {
  await app.enter([{ title: "First" }, { title: "Second" }]);
  await page.getByRole("button", { name: "Rename First" }).click();
  await page.getByLabel("New title of First").fill("Firstly");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Rename Firstly" })).toBeFocused();

  await page.getByRole("button", { name: "Rename Second" }).click();
  await page.getByLabel("New title of Second").fill("never");
  await page.keyboard.press("Escape");
  await expect(app.task("Second")).toBeVisible();

  await app.task("Second").check();
  await app.show("Active");
  await expect(app.task("Firstly")).toBeVisible();
  await expect(app.task("Second")).toBeHidden();
  await app.show("Completed");
  await app.task("Second").click();
  await expect(page.getByText("Nothing completed yet")).toBeVisible();
  await app.show("All");
  await app.reload();
  await expect(app.task("Firstly")).not.toBeChecked();
  await expect(app.task("Second")).not.toBeChecked();
});

test("what was completed or deleted can be undone, and is gone for good after that", async ({ app, page }) => {
  await app.enter([{ title: "One" }, { title: "Two" }, { title: "Three" }]);
  await app.show("Active");
  await app.task("One").click();
  await expect(app.task("One")).toBeHidden();
  await app.undo("Completed “One”");
  await expect(app.task("One")).not.toBeChecked();

  await page.getByRole("button", { name: "Delete Two" }).click();
  await expect(app.task("Two")).toBeHidden();
  await app.undo("Deleted “Two”");
  await expect(app.task("Two")).toBeVisible();

  // Leaving the page is an answer too.
  await page.getByRole("button", { name: "Delete Three" }).click();
  await expect(app.task("Three")).toBeHidden();
  await page.reload();
  await expect(app.task("Two")).toBeVisible();
  await expect(app.task("One")).toBeVisible();
  await expect(app.task("Three")).toBeHidden();
});

test(
  "the keyboard alone adds, completes, renames, goes through the list, deletes and brings back",
  ONCE,
  async ({ app, page }) => {
    await app.enter([{ title: "Below" }]);
    await expect(app.task("Below")).toBeEnabled();
    await page.keyboard.press("n");
    await page.keyboard.type("By hand");
    await page.keyboard.press("Enter");
    await expect(app.task("By hand")).toBeEnabled();

    await app.task("By hand").focus();
    await page.keyboard.press("Space");
    await expect(app.task("By hand")).toBeChecked();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.keyboard.type("By keyboard");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("button", { name: "Rename By keyboard" })).toBeFocused();

    await page.keyboard.press("ArrowDown");
    await expect(page.getByRole("button", { name: "Rename Below" })).toBeFocused();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Delete");
    await expect(app.task("By keyboard")).toBeHidden();
    await expect(page.getByRole("button", { name: "Rename Below" })).toBeFocused();
    await page.keyboard.press("z");
    await expect(app.task("By keyboard")).toBeVisible();
  },
);

test("a change that is refused is taken back, and told", ONCE, async ({ app, page }) => {
  await app.enter([{ title: "Here and there" }, { title: "Elsewhere" }]);
  await expect(app.task("Here and there")).toBeVisible();
  const { items } = await app.api<{ items: { id: string; title: string }[] }>("GET", "/tasks");
  const gone = items.find(({ title }) => title === "Here and there");
  await app.api("DELETE", `/tasks/${gone?.id}`);

  await page.getByRole("button", { name: "Rename Here and there" }).click();
  await page.getByLabel("New title of Here and there").fill("Nowhere");
  await page.keyboard.press("Enter");
  const notice = page.getByRole("alert").filter({ hasText: "“Here and there” was not renamed to “Nowhere”." });
  await expect(notice).toBeVisible();
  await expect(app.task("Nowhere")).toBeHidden();
  await expect(app.task("Elsewhere")).toBeVisible();
  await notice.getByRole("button", { name: "Dismiss" }).click();
  await expect(notice).toBeHidden();
});

test("a long list is scrolled to its end, and holds only what can be seen", async ({ app, page }) => {
  await app.enter();
  await app.import(
    Array.from({ length: 250 }, (_, index) => ({
      title: `Task ${index + 1}`,
      created_at: new Date(Date.UTC(2026, 0, 1, 0, 0, 250 - index)).toISOString(),
      is_completed: index % 100 !== 0,
    })),
  );
  await app.reload();
  await expect(page.getByRole("status").filter({ hasText: /^100\+ tasks$/ })).toBeVisible();
  await expect(async () => {
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await expect(app.task("Task 250")).toBeInViewport({ timeout: 100 });
  }).toPass();
  await expect(page.getByRole("status").filter({ hasText: /^250 tasks$/ })).toBeVisible();
  await expect(app.task("Task 1")).toBeHidden();
  expect(await page.getByRole("checkbox").count()).toBeLessThan(80);

  await page.evaluate(() => window.scrollTo(0, 0));
  await app.show("Active");
  await expect(page.getByRole("status").filter({ hasText: /^3 to do$/ })).toBeVisible();
  await expect.poll(() => app.titles()).toEqual(["Task 1", "Task 101", "Task 201"]);
});

test("several tasks are chosen and changed together", async ({ app, page }) => {
  await app.enter([{ title: "D", tags: ["old"] }, { title: "C" }, { title: "B" }, { title: "A" }]);
  const bar = page.getByRole("toolbar", { name: "Chosen tasks" });
  const chosen = (title: string) => page.getByRole("checkbox", { name: `Select ${title}` });
  await page.getByRole("button", { name: "Select" }).click();
  await chosen("A").check();
  await chosen("C").click({ modifiers: ["Shift"] });
  await expect(bar.getByText("3 chosen")).toBeVisible();
  await chosen("B").uncheck();
  await bar.getByRole("button", { name: "Priority" }).click();
  await page.getByRole("button", { name: "High", exact: true }).click();
  await bar.getByRole("button", { name: "All" }).click();
  await expect(bar.getByText("4 chosen")).toBeVisible();
  await bar.getByRole("button", { name: "Tag" }).click();
  await page.getByRole("combobox", { name: "Tags" }).fill("together");
  await page.keyboard.press("Enter");
  await bar.getByRole("button", { name: "Due" }).click();
  await page.getByRole("button", { name: "Tomorrow", exact: true }).click();
  await expect(page.getByText("together", { exact: true })).toHaveCount(4);
  await chosen("D").uncheck();
  await bar.getByRole("button", { name: "Complete" }).click();
  await expect(bar).toBeHidden();
  await expect(app.task("A")).toBeChecked();
  await app.undo("Completed 3 tasks");
  await expect(app.task("A")).not.toBeChecked();

  await app.reload();
  await expect(page.getByText("High", { exact: true })).toHaveCount(2);
  await expect(page.getByRole("button", { name: /Due date of .: Tomorrow/ })).toHaveCount(4);
  await expect(page.getByText("old", { exact: true })).toBeVisible();

  await page.getByRole("button", { name: "Select" }).click();
  await chosen("A").check();
  await chosen("B").check();
  await bar.getByRole("button", { name: "Delete" }).click();
  await expect(app.task("A")).toBeHidden();
  await expect.poll(() => app.titles()).toEqual(["C", "D"]);
  await app.undo("Deleted 2 tasks");
  await expect(app.task("A")).toBeVisible();
});

test("a date is set on the spot, with the keyboard too, and one that has passed is marked", async ({ app, page }) => {
  await app.enter([{ title: "Someday" }]);
  await page.getByRole("button", { name: "Due date", exact: true }).click();
  await page.getByRole("button", { name: "Tomorrow", exact: true }).click();
  await app.add("Soon");
  await page.getByRole("button", { name: "Due date of Soon: Tomorrow" }).click();
  await expect(page.getByRole("grid")).toBeVisible();
  await page
    .getByRole("grid")
    .getByRole("button", { name: /selected/ })
    .focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("grid")).toBeHidden();
  const soon = async () => {
    const { items } = await app.api<{ items: { id: string; title: string; due_date: string }[] }>("GET", "/tasks");
    return items.find(({ title }) => title === "Soon");
  };
  await expect.poll(async () => (await soon())?.due_date).toBe(inDays(9).replace(".000Z", "Z"));

  await app.api("PATCH", `/tasks/${(await soon())?.id}`, { due_date: inDays(-2) });
  await app.reload();
  await expect(page.getByRole("button", { name: /Due date of Soon: .*, overdue/ })).toBeVisible();
});

test("users see only what is theirs", ONCE, async ({ app, page }) => {
  await app.signUp();
  await app.add("Secret plan");
  await app.signOut();
  await app.signUp();
  await expect(page.getByText("A fresh start")).toBeVisible();
  await expect(app.task("Secret plan")).toBeHidden();
});
