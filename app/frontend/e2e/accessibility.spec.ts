import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { expect, ONCE, test } from "./app";
import { inDays } from "./days";

const PAGES = ["/", "/today", "/upcoming", "/calendar", "/settings", "/no-such-page"];

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
  for (const path of PAGES) {
    await page.goto(path);
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
