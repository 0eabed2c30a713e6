import { expect, ONCE, test } from "./app";

test("the keyboard alone goes everywhere, finds commands, and tells its shortcuts", ONCE, async ({ app, page }) => {
  await app.enter();
  await expect(page.getByRole("button", { name: "Find" })).toBeEnabled();
  await page.keyboard.press("g");
  await page.keyboard.press("u");
  await expect(page.getByRole("heading", { level: 1, name: "Upcoming" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Upcoming" })).toHaveAttribute("aria-current", "page");

  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "What would you like to do?" })).toBeFocused();
  await page.keyboard.type("sett");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Settings" })).toBeVisible();

  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toContainText("Upcoming");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();

  await page.getByRole("switch", { name: "Shortcuts of single keys" }).focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog", { name: "Commands" })).toBeVisible();
});

test("every page is reached from the bar", async ({ app, page }) => {
  await app.enter();
  const main = page.getByRole("navigation", { name: "Main" }).filter({ visible: true });
  for (const name of ["Today", "Upcoming", "Calendar"]) {
    await main.getByRole("link", { name }).click();
    await expect(main.getByRole("link", { name })).toHaveAttribute("aria-current", "page");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  await main.getByRole("link", { name: "Tasks" }).click();
  await expect(app.heading).toBeVisible();
});

test("a theme that was chosen is there from the first paint, also on the next visit", ONCE, async ({ app, page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await app.enter([], "/settings");
  await page.getByRole("radio", { name: "Dark" }).check();
  const html = page.locator("html");
  await expect(html).toHaveCSS("color-scheme", "dark");

  // The server's own answer, before any script of it has run.
  const answer = await page.reload({ waitUntil: "commit" });
  expect(await answer?.text()).toContain('data-theme="dark"');
  await expect(html).toHaveCSS("color-scheme", "dark");

  await page.getByRole("radio", { name: "Same as the system" }).check();
  await expect(html).toHaveCSS("color-scheme", "light dark");
});

test("a page that is not there leads back", ONCE, async ({ app, page }) => {
  await app.enter([], "/no-such-page");
  await page.getByRole("link", { name: "Go to your tasks" }).click();
  await expect(app.heading).toBeVisible();
});
