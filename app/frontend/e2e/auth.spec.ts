import { expect, newEmail, ONCE, PASSWORD, test } from "./app";

test("a wrong password is told, and what was typed stays", ONCE, async ({ app, page }) => {
  const email = await app.signUp();
  await app.signOut();
  await app.signIn(email, "not the password");
  await expect(page.getByRole("alert").filter({ hasText: "is wrong" })).toBeVisible();
  await expect(page.getByLabel("E-mail")).toHaveValue(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(app.heading).toBeVisible();
});

test("fields that are wrong say why", ONCE, async ({ app, page }) => {
  await page.goto("/sign-up");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByLabel("E-mail")).toHaveAccessibleDescription("Enter your e-mail address.");
  await expect(page.getByLabel("E-mail")).toBeFocused();

  await page.getByLabel("E-mail").fill(newEmail());
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByLabel("Password")).toHaveAccessibleDescription(/at least 8 characters/);
  await expect(page.getByLabel("Password")).toBeFocused();
  await expect(app.heading).toBeHidden();
});

test("an address that is taken is told", ONCE, async ({ app, page }) => {
  const email = await app.signUp();
  await app.signOut();
  await page.goto("/sign-up");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("E-mail")).toHaveAttribute("aria-invalid", "true");
});

test("scripts can read no token, and an ended session leads to sign-in", ONCE, async ({ app, page, context }) => {
  await app.signUp();
  expect(await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }))).toBe(
    "{}",
  );
  const cookies = await context.cookies();
  expect(cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }))).toEqual([
    { name: "todo_access", httpOnly: true, sameSite: "Lax" },
    { name: "todo_refresh", httpOnly: true, sameSite: "Lax" },
  ]);

  await context.addCookies(cookies.map((cookie) => ({ ...cookie, value: "ended" })));
  await page.reload();
  await expect(page.getByRole("alert").filter({ hasText: "Your session has ended" })).toBeVisible();
});

test("an expired access token is renewed without a word", ONCE, async ({ app, page, context }) => {
  await app.signUp();
  await app.add("Still here");
  const before = await context.cookies();
  await context.clearCookies({ name: "todo_access" });
  await page.reload();
  await expect(app.task("Still here")).toBeVisible();
  const after = await context.cookies();
  const refreshToken = (cookies: typeof after) => cookies.find((cookie) => cookie.name === "todo_refresh")?.value;
  expect(refreshToken(after)).not.toBe(refreshToken(before));
});

test("a page whose script does not come is loaded again", ONCE, async ({ page }) => {
  let isCut = false;
  await page.route("**/_next/static/**.js", (route) => {
    if (isCut) {
      return route.continue();
    }
    isCut = true;
    return route.abort("addressunreachable");
  });
  await page.goto("/sign-in");
  await expect(page.getByRole("button", { name: "Sign in" })).toBeEnabled();
  expect(isCut).toBe(true);
});
