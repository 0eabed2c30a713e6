import { type App, expect, ONCE, POINTER, test } from "./app";
import { inDays } from "./days";

test("all of a task is seen and changed beside the list", async ({ app, page }) => {
  await app.enter([{ title: "Paint the wall" }]);
  await app.open("Paint the wall");
  const { panel } = app;
  await panel.getByLabel("Title").fill("Paint the fence");
  await panel.getByLabel("Notes").fill("Two coats.");
  await panel.getByLabel("Priority").selectOption("High");

  await panel.getByRole("button", { name: "Category: None" }).click();
  await page.getByRole("combobox", { name: "Category" }).fill("Garden");
  await page.keyboard.press("Enter");
  await page.getByRole("radio", { name: "Green" }).check();
  await page.getByRole("radio", { name: "leaf" }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(panel.getByRole("button", { name: "Category: Garden" })).toBeVisible();

  await panel.getByRole("button", { name: "Tags", exact: true }).click();
  await page.getByRole("combobox", { name: "Tags" }).fill("outside");
  await page.keyboard.press("Enter");
  await page.getByRole("combobox", { name: "Tags" }).fill("weekend");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await panel.getByRole("button", { name: "Remove the tag outside" }).click();
  await expect(panel.getByText("weekend")).toBeVisible();

  await panel.getByRole("button", { name: "Close" }).click();
  await expect(panel).toBeHidden();
  await expect(page.getByRole("button", { name: "Details of Paint the fence" })).toBeVisible();
  await app.reload();
  await expect(page.getByText("Garden")).toBeVisible();
  await expect(page.getByText("weekend")).toBeVisible();
  await expect(page.getByText("outside")).toBeHidden();
  await app.open("Paint the fence");
  await expect(panel.getByLabel("Notes")).toHaveValue("Two coats.");
  await expect(panel.getByLabel("Priority")).toHaveValue("high");

  // The panel is part of the address: it outlives a reload, and the way back closes it.
  await app.reload();
  await expect(panel.getByLabel("Title")).toHaveValue("Paint the fence");
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
  await app.open("Paint the fence");
  await page.goBack();
  await expect(panel).toBeHidden();

  await app.open("Paint the fence");
  await panel.getByRole("button", { name: "Delete task" }).click();
  await expect(panel).toBeHidden();
  await expect(app.task("Paint the fence")).toBeHidden();
});

test("a category is changed and deleted, and its tasks stay", ONCE, async ({ app, page }) => {
  await app.enter([{ title: "Rake", category: "Garden" }]);
  await app.open("Rake");
  await app.panel.getByRole("button", { name: "Category: Garden" }).click();
  await page.getByRole("button", { name: "Edit Garden" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Yard");
  await page.keyboard.press("Enter");
  await expect(app.panel.getByRole("button", { name: "Category: Yard" })).toBeVisible();
  await page.getByRole("button", { name: "Edit Yard" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(app.panel.getByRole("button", { name: "Category: None" })).toBeVisible();
});

test("a task that is not there any more is told", ONCE, async ({ app, page }) => {
  await app.enter([], "/?task=00000000-0000-4000-8000-000000000000");
  await expect(page.getByText("This task is gone")).toBeVisible();
  await page.getByRole("button", { name: "Close" }).click();
  await expect(page.getByText("This task is gone")).toBeHidden();
});

test("subtasks are added, ticked, renamed, deleted, and put in order by keyboard", async ({ app, page }) => {
  await app.enter([{ title: "Bake" }]);
  await app.open("Bake");
  const { panel } = app;
  const list = panel.getByRole("list", { name: "Subtasks" });
  const order = () => list.getByRole("checkbox").evaluateAll((boxes) => boxes.map((box) => box.ariaLabel));
  for (const title of ["Mix", "Knead", "Oven", "Taste"]) {
    await panel.getByLabel("New subtask").fill(title);
    await page.keyboard.press("Enter");
  }
  await expect(list.getByRole("checkbox", { name: "Taste" })).toBeEnabled();
  await list.getByRole("checkbox", { name: "Mix" }).check();
  await expect(panel.getByText("1 of 4")).toBeVisible();
  await list.getByRole("button", { name: "Rename Oven" }).click();
  await page.keyboard.type("Bake it");
  await page.keyboard.press("Enter");
  await list.getByRole("button", { name: "Delete Taste" }).click();
  await expect(list.getByRole("checkbox")).toHaveCount(3);

  const handle = list.getByRole("button", { name: "Move Bake it" });
  await handle.focus();
  await page.keyboard.press("Space");
  await expect(page.getByText("Bake it is at 3 of 3.")).toBeAttached();
  // A press may only scroll there, or be heard late.
  const place = page.getByText(/^Bake it is at \d of 3\.$/);
  await expect(async () => {
    const from = await place.textContent();
    if (!from?.includes("2 of 3")) {
      await page.keyboard.press(from?.includes("3 of 3") ? "ArrowUp" : "ArrowDown");
    }
    await expect(place).toHaveText("Bake it is at 2 of 3.", { timeout: 2_000 });
  }).toPass();
  await page.keyboard.press("Space");
  await expect.poll(order).toEqual(["Mix", "Bake it", "Knead"]);
  await expectSubtasks(app, ["Mix", "Bake it", "Knead"]);
  await app.reload();
  await expect(list.getByRole("checkbox", { name: "Mix" })).toBeChecked();
  await expect.poll(order).toEqual(["Mix", "Bake it", "Knead"]);
});

test("subtasks are put in order by pointer", POINTER, async ({ app, page }) => {
  await app.enter([{ title: "Bake" }]);
  await app.open("Bake");
  const list = app.panel.getByRole("list", { name: "Subtasks" });
  for (const title of ["Mix", "Knead"]) {
    await app.panel.getByLabel("New subtask").fill(title);
    await page.keyboard.press("Enter");
    await expect(list.getByRole("checkbox", { name: title })).toBeEnabled();
  }
  const from = await list.getByRole("button", { name: "Move Knead" }).boundingBox();
  const to = await list.getByRole("button", { name: "Move Mix" }).boundingBox();
  if (!from || !to) {
    throw new Error("the handles are not to be seen");
  }
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2 - 4, { steps: 8 });
  await expect(page.getByText("Knead is at 1 of 2.")).toBeAttached();
  await page.mouse.up();
  await expectSubtasks(app, ["Knead", "Mix"]);
});

/** Waits until the subtasks of the only task are stored like this. */
async function expectSubtasks(app: App, titles: readonly string[]): Promise<void> {
  await expect(async () => {
    const { items } = await app.api<{ items: { id: string }[] }>("GET", "/tasks");
    const subtasks = await app.api<{ items: { title: string }[] }>("GET", `/tasks/${items[0]?.id}/subtasks`);
    expect(subtasks.items.map(({ title }) => title)).toEqual(titles);
  }).toPass();
}

test(
  "files are attached, seen on their way, fetched and deleted, where they can be kept",
  ONCE,
  async ({ app, page, context }) => {
    await app.enter([{ title: "Letter" }]);
    const { items } = await app.api<{ items: { id: string }[] }>("GET", "/tasks");
    const { enabled } = await app.api<{ enabled: boolean }>("GET", `/tasks/${items[0]?.id}/attachments`);
    await app.open("Letter");
    const { panel } = app;
    await expect(panel.getByText("Activity")).toBeVisible();
    await expect(panel.getByRole("heading", { name: "Files" })).toBeVisible({ visible: enabled });
    if (!enabled) {
      return;
    }
    const field = panel.getByText("Attach files");
    const browser = await context.newCDPSession(page);
    const limit = (uploadThroughput: number) =>
      browser.send("Network.emulateNetworkConditions", {
        offline: false,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput,
      });
    await limit(50_000);
    await app.pick(field, { name: "scan.txt", mimeType: "text/plain", buffer: Buffer.alloc(2_000_000, "x") });
    await expect(panel.getByRole("progressbar", { name: "Sending scan.txt" })).toBeVisible();
    await limit(-1);
    await expect(panel.getByText("2.0 MB")).toBeVisible();

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      panel.getByRole("link", { name: "Download scan.txt" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("scan.txt");

    await app.pick(field, { name: "tool.exe", mimeType: "application/x-msdownload", buffer: Buffer.from("MZ") });
    await expect(panel.getByRole("alert").filter({ hasText: "tool.exe" })).toBeVisible();
    await panel.getByRole("button", { name: "Dismiss" }).click();
    await panel.getByRole("button", { name: "Delete scan.txt" }).click();
    await expect(panel.getByText("scan.txt")).toBeHidden();
  },
);

test("a task comes again by a rule, and an undone completion leaves no second one", async ({ app, page }) => {
  await app.enter([{ title: "Water the plants", due_date: inDays(1) }]);
  await app.open("Water the plants");
  await app.panel.getByRole("button", { name: "Repeat: Never" }).click();
  await page.getByRole("button", { name: "Every day" }).click();
  await expect(app.panel.getByRole("button", { name: "Repeat: Every day" })).toBeVisible();

  await page.getByLabel("Every", { exact: true }).fill("2");
  await page.getByLabel("Unit").selectOption("weeks");
  await page.getByRole("button", { name: "Monday", exact: true }).click();
  await page.getByRole("button", { name: "Friday", exact: true }).click();
  await page.getByLabel("Ends").selectOption("Ends after");
  await page.getByLabel("Number of times").fill("5");
  await page.getByRole("button", { name: "Repeat", exact: true }).click();
  await expect(
    app.panel.getByRole("button", { name: "Repeat: Every 2 weeks on Monday and Friday, 5 times" }),
  ).toBeVisible();
  await page.getByRole("button", { name: "Every day" }).click();
  await page.getByLabel("Count from when it was done").check();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(app.panel).toBeHidden();

  await app.show("Active");
  await app.task("Water the plants").click();
  await expect(page.getByRole("button", { name: /Due date of Water the plants/ })).toHaveCount(1);
  await app.show("All");
  await expect(app.task("Water the plants")).toHaveCount(2);
  await app.undo("Completed “Water the plants”");
  await expect(app.task("Water the plants")).toHaveCount(1);
  await expect(app.task("Water the plants")).not.toBeChecked();
});

test("reminders are added and removed, and come up until they are seen", async ({ app, page }) => {
  await app.enter([{ title: "Call home", due_date: inDays(0) }]);
  await app.open("Call home");
  const { panel } = app;
  const reminders = panel.getByRole("list", { name: "Reminders" });
  const add = panel.getByRole("button", { name: "Add reminder" });
  await add.click();
  await page.getByRole("button", { name: "When it is due" }).click();
  await expect(reminders.getByRole("listitem")).toHaveText([/^When it is due/]);
  await add.click();
  await page.getByLabel("At a time").fill("2040-01-02T09:30");
  await page.getByRole("button", { name: "Remind me" }).click();
  await expect(reminders.getByRole("listitem")).toHaveText([/^When it is due/, /2040/]);
  await reminders.getByRole("button", { name: /2040/ }).click();
  await expect(reminders.getByRole("listitem")).toHaveText([/^When it is due/]);

  // A day before tonight is over.
  await add.click();
  await page.getByRole("button", { name: "1 day before" }).click();
  await expect(reminders.getByRole("listitem")).toHaveCount(2);
  await panel.getByRole("button", { name: "Close" }).click();
  const notice = page.getByRole("region", { name: "Come up" });
  await expect(notice.getByText("Call home")).toBeVisible();
  await notice.getByRole("button", { name: "Dismiss" }).click();
  await expect(notice.getByText("Call home")).toBeHidden();
  expect(await app.api("GET", "/reminders")).toMatchObject({ items: [] });
});

test("what happened to a task is told", async ({ app, page }) => {
  await app.enter([{ title: "Draft" }]);
  await app.open("Draft");
  const { panel } = app;
  await panel.getByLabel("Priority").selectOption("High");
  await panel.getByRole("checkbox", { name: "Done: Draft" }).check();
  await panel.getByText("Activity").click();
  const entries = panel.getByRole("list", { name: "Activity" }).getByRole("listitem");
  await expect(entries).toHaveText([/^Completed/, /^Priority: medium → high/, /^Created/]);
  await panel.getByRole("checkbox", { name: "Done: Draft" }).uncheck();
  await expect(entries.first()).toHaveText(/^Reopened/);
  await expect(page.getByText("Today,").first()).toBeVisible();
});
