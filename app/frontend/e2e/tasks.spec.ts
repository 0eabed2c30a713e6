import { expect, test } from "./app";

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

  await page.reload();
  await expect(app.task("Water the plants")).toBeChecked();

  await app.signOut();
  await page.goto("/");
  await expect(page).toHaveURL(/\/sign-in$/);

  await app.signIn(email);
  await expect(app.task("Water the plants")).toBeChecked();
});

test("tasks are renamed, reopened, filtered and deleted", async ({ app, page }) => {
  await app.signUp();
  await app.add("First");
  await app.add("Second");

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
  await page.getByRole("button", { name: "Delete Second" }).click();
  await expect(app.task("Second")).toBeHidden();
  await page.reload();
  await expect(app.task("Firstly")).not.toBeChecked();
  await expect(app.task("Second")).toBeHidden();
});

test("the keyboard alone adds, completes, renames and deletes", async ({ app, page }) => {
  await app.signUp();
  await page.getByLabel("New task").focus();
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
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByText("A fresh start")).toBeVisible();
});

test("a change that is refused is taken back, and told", async ({ app, page, context }) => {
  await app.signUp();
  await app.add("Here and there");
  await app.add("Elsewhere");
  const elsewhere = await context.newPage();
  await elsewhere.goto("/");
  await elsewhere.getByRole("button", { name: "Delete Here and there" }).click();
  await expect(elsewhere.getByRole("status").filter({ hasText: "1 task" })).toBeVisible();
  await elsewhere.close();

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

test("a long list comes page by page, and what is left to do is found on every page", async ({ app, page }) => {
  await app.signUp();
  // Asked by the page itself: only a browser is sure to find a name under .localhost.
  const answers = await page.evaluate(async () => {
    const seen = new Set<number>();
    for (let number = 1; number <= 103; number++) {
      const body = JSON.stringify({ title: `Task ${number}`, is_completed: number > 2 });
      const headers = { "content-type": "application/json" };
      seen.add((await fetch("/bff/tasks", { method: "POST", body, headers })).status);
    }
    return [...seen];
  });
  expect(answers).toEqual([201]);
  await page.reload();
  await expect(page.getByRole("checkbox")).toHaveCount(100);
  await expect(page.getByRole("status").filter({ hasText: "100+ tasks" })).toBeVisible();
  await page.getByRole("button", { name: "Show more" }).click();
  await expect(page.getByRole("checkbox")).toHaveCount(103);

  await page.goto("/?show=active");
  await expect(page.getByRole("status").filter({ hasText: "2 to do" })).toBeVisible();
  await expect(app.task("Task 1")).toBeVisible();
});

test("users see only what is theirs", async ({ app, page }) => {
  await app.signUp();
  await app.add("Secret plan");
  await app.signOut();
  await app.signUp();
  await expect(page.getByText("A fresh start")).toBeVisible();
  await expect(app.task("Secret plan")).toBeHidden();
});
