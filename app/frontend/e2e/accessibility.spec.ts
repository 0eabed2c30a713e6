import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { expect, ONCE, test } from "./app";
import { inDays } from "./days";

/** The address of every page behind the sign-in. */
const PAGES = readdirSync("src/app/(app)", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith("page.tsx"))
  .map((file) => `/${dirname(file)}`.replace("/.", "/"));

/** Looks at the page in light, and once at its colors in dark too; what it finds is named by page and theme. */
async function violations(page: Page, name: string): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const axe = new AxeBuilder({ page });
    const { violations: all } = await (colorScheme === "light" ? axe : axe.withRules("color-contrast")).analyze();
    found.push(
      ...all.flatMap(({ id, nodes }) =>
        nodes.map((node) => `${name}, ${colorScheme}: ${id} at ${node.target.join(" ")}`),
      ),
    );
  }
  return found;
}

test("axe finds nothing on the pages before sign-in", ONCE, async ({ page }) => {
  const found: string[] = [];
  for (const path of ["/sign-in", "/sign-in?ended=1", "/sign-up"]) {
    await page.goto(path);
    await expect(page.getByLabel("E-mail")).toBeEnabled();
    found.push(...(await violations(page, path)));
  }
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByLabel("E-mail")).toHaveAttribute("aria-invalid", "true");
  expect([...found, ...(await violations(page, "wrong fields"))]).toEqual([]);
});

test("axe finds nothing on any page of the app", async ({ app, page }) => {
  await app.enter();
  await expect(page.getByText("A fresh start")).toBeVisible();
  const found = await violations(page, "empty list");
  await app.import([
    { title: "Water the plants", is_completed: true },
    { title: "Call home", due_date: inDays(0) },
  ]);
  const { id } = await app.api<{ id: string }>("POST", "/filters", { name: "View", filter: {} });
  for (const path of [...PAGES, "/no-such-page"]) {
    await page.goto(path.replace("[id]", id));
    await expect(page.getByRole("heading").first()).toBeVisible();
    await page.waitForLoadState("networkidle");
    found.push(...(await violations(page, path)));
  }
  expect(found).toEqual([]);
});

test("axe finds nothing in what opens over a page", async ({ app, page }) => {
  await app.enter([], "/settings");
  await page.getByRole("button", { name: "Delete my account" }).click();
  const found = await violations(page, "confirmation");
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Chat", exact: true }).click();
  await expect(page.getByLabel("Message", { exact: true })).toBeVisible();
  found.push(...(await violations(page, "chat")));
  await page.getByRole("button", { name: "Close the chat" }).click();

  await page.getByRole("button", { name: "Find", exact: false }).first().click();
  await expect(page.getByRole("dialog", { name: "Commands" })).toBeVisible();
  found.push(...(await violations(page, "palette")));
  await page.keyboard.press("Escape");

  if (app.isPhone) {
    await page.getByRole("button", { name: "More" }).click();
    found.push(...(await violations(page, "more")));
  } else {
    await page.getByRole("button", { name: /^Account/ }).click();
    found.push(...(await violations(page, "account")));
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
    found.push(...(await violations(page, "shortcuts")));
  }
  expect(found).toEqual([]);
});

test("axe finds nothing in a task, nor in what opens there", ONCE, async ({ app, page }) => {
  const task = { title: "Water the plants", due_date: inDays(1), tags: ["home"], category: "Garden", priority: "high" };
  await app.enter([{ ...task, recurrence_pattern: "daily" }]);
  await app.open(task.title);
  const { panel } = app;
  await panel.getByLabel("New subtask").fill("Fill the can");
  await page.keyboard.press("Enter");
  await expect(panel.getByRole("checkbox", { name: "Fill the can" })).toBeEnabled();
  await panel.getByText("Activity").click();
  await expect(panel.getByRole("list", { name: "Activity" })).toBeVisible();
  const found = await violations(page, "task");
  for (const name of [/^Due date of/, /^Repeat:/, /^Category:/, /^Tags$/, /^Add reminder$/]) {
    await panel.getByRole("button", { name }).click();
    await page.waitForLoadState("networkidle");
    found.push(...(await violations(page, String(name))));
    await page.keyboard.press("Escape");
  }
  expect(found).toEqual([]);
});

test("axe finds nothing in a filter, a choice of tasks, a message, and a conversation", ONCE, async ({ app, page }) => {
  await app.enter([{ title: "Call home", tags: ["family"] }]);
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page.getByRole("dialog", { name: "Filter" }).getByRole("button", { name: "family" })).toBeVisible();
  const found = await violations(page, "filter");
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Select" }).click();
  await page.getByRole("checkbox", { name: "Select Call home" }).check();
  await expect(page.getByRole("toolbar", { name: "Chosen tasks" })).toBeVisible();
  found.push(...(await violations(page, "choice")));
  await page.getByRole("toolbar", { name: "Chosen tasks" }).getByRole("button", { name: "Complete" }).click();
  await expect(page.getByText("Completed “Call home”")).toBeVisible();
  found.push(...(await violations(page, "message")));

  const chat = await app.openChat();
  await chat.say("Delete call home");
  await expect(chat.panel.getByRole("button", { name: "Yes, do it" })).toBeVisible();
  found.push(...(await violations(page, "conversation")));
  await chat.panel.getByRole("button", { name: "Conversations" }).click();
  await expect(chat.panel.getByRole("button", { name: /^More for/ })).toBeVisible();
  found.push(...(await violations(page, "conversations")));
  expect(found).toEqual([]);
});
