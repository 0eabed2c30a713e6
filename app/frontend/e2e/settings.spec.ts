import { readFileSync } from "node:fs";

import { App, expect, newEmail, ONCE, PASSWORD, test } from "./app";

const NEW_PASSWORD = "seven-boats-under-a-bridge";

test("profile and password are changed, and the new ones sign in", async ({ app, page }) => {
  await app.signUp();
  await page.goto("/settings");
  const email = newEmail();
  await page.getByLabel("Name").fill(`n${Date.now()}`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Current password").fill("wrong");
  await page.getByRole("button", { name: "Save profile" }).click();
  await expect(page.getByLabel("Current password")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Current password").fill(PASSWORD);
  await page.getByRole("button", { name: "Save profile" }).click();
  await expect(page.getByText("Your profile is saved.")).toBeVisible();

  await page.getByLabel("Your password now").fill(PASSWORD);
  await page.getByLabel("New password").fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Your password is changed.")).toBeVisible();

  await app.signOut();
  await app.signIn(email, NEW_PASSWORD);
  await expect(app.heading).toBeVisible();
});

test("sessions are listed and ended, one or all", ONCE, async ({ app, page, browser, baseURL }) => {
  const email = await app.signUp();
  const elsewhere = await browser.newContext({ ...(baseURL && { baseURL }) });
  const other = new App(await elsewhere.newPage());
  await other.signIn(email);
  await expect(other.heading).toBeVisible();

  await page.goto("/settings");
  const sessions = page.getByRole("region", { name: "Sessions" });
  await expect(sessions.getByRole("listitem")).toHaveCount(2);
  await sessions.getByRole("button", { name: /^End the session/ }).click();
  await expect(sessions.getByRole("listitem")).toHaveCount(1);
  await other.page.reload();
  await expect(other.page.getByText("Your session has ended")).toBeVisible();
  await elsewhere.close();

  await sessions.getByRole("button", { name: "Sign out everywhere" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(page.getByRole("heading", { name: "Welcome back" })).toBeVisible();
});

test("tasks go out as files and come in from files", ONCE, async ({ app, page }) => {
  await app.enter([{ title: "To be taken along" }], "/settings");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Export as JSON" }).click(),
  ]);
  const exported = readFileSync(await download.path(), "utf8");
  expect(JSON.parse(exported)).toMatchObject({ tasks: [{ title: "To be taken along" }] });

  const choose = page.getByRole("button", { name: "Choose a file" });
  await app.pick(choose, { name: "tasks.json", mimeType: "application/json", buffer: Buffer.from(exported) });
  await expect(page.getByText("One task is imported.")).toBeVisible();

  await page.getByLabel("Import from").selectOption("todoist");
  const csv = "TYPE,CONTENT,PRIORITY,INDENT,DATE\ntask,From elsewhere,1,1,\n";
  await app.pick(choose, { name: "todoist.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await expect(page.getByText("One task is imported.").last()).toBeVisible();

  await app.pick(choose, { name: "broken.csv", mimeType: "text/csv", buffer: Buffer.from("nonsense") });
  await expect(page.getByRole("alert").filter({ visible: true })).toBeVisible();
  await page.goto("/");
  await expect(app.task("To be taken along")).toHaveCount(2);
  await expect(app.task("From elsewhere")).toBeVisible();
});

test("a tag is renamed and deleted wherever it is", ONCE, async ({ app, page }) => {
  await app.enter([{ title: "Rake", tags: ["garden"] }], "/settings");
  const tags = page.getByRole("list", { name: "Tags" });
  await tags.getByRole("button", { name: "Rename garden" }).click();
  await page.getByLabel("New title of garden").fill("yard");
  await page.keyboard.press("Enter");
  await expect(tags.getByRole("button", { name: "Rename yard" })).toBeVisible();
  const onTask = async () => (await app.api<{ items: { tags: string[] }[] }>("GET", "/tasks")).items[0]?.tags;
  expect(await onTask()).toEqual(["yard"]);

  await tags.getByRole("button", { name: "Delete yard" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("There are none yet.")).toBeVisible();
  expect(await onTask()).toEqual([]);
});

test("a calendar reads the feed at its address until it is turned off", ONCE, async ({ app, page }) => {
  await app.enter([], "/settings");
  await page.getByRole("button", { name: "Make a new address" }).click();
  const address = await page.getByLabel("Address of the feed").inputValue();
  const read = () =>
    page.evaluate(async (url) => {
      // As a calendar does, without the browser's session.
      const answer = await fetch(url, { credentials: "omit" });
      return `${answer.status} ${(await answer.text()).slice(0, 15)}`;
    }, address);
  expect(await read()).toBe("200 BEGIN:VCALENDAR");
  await page.getByRole("button", { name: "Turn the feed off" }).click();
  await expect(page.getByText("The address no longer works.")).toBeVisible();
  expect(await read()).toMatch(/^404/);
});

test("an account is deleted only after its address is typed, and is gone then", ONCE, async ({ app, page }) => {
  const email = await app.signUp();
  await page.goto("/settings");
  await page.getByRole("button", { name: "Delete my account" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete your account?" });
  await expect(dialog.getByRole("button", { name: "Delete for good" })).toBeDisabled();
  await dialog.getByLabel(/^Type/).fill(email);
  await dialog.getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByRole("heading", { name: "Create your account" })).toBeVisible();
  await app.signIn(email);
  await expect(page.getByRole("alert").filter({ hasText: "is wrong" })).toBeVisible();
});
