import { execSync } from "node:child_process";

import { expect, ONCE, test } from "./app";

const { E2E_BACKEND_STOP, E2E_BACKEND_START } = process.env;
const BANNER = "The app can't be reached right now";

test(
  "without a network nothing typed is lost, and it is sent when there is one again",
  ONCE,
  async ({ app, page, context }) => {
    await app.enter();
    await app.add("Before");
    await context.setOffline(true);
    await page.getByLabel("New task").fill("Meanwhile");
    await page.keyboard.press("Enter");
    await expect(page.getByText(BANNER)).toBeVisible();
    await app.task("Before").click();
    await expect(app.task("Before")).toBeChecked();
    await expect(app.task("Meanwhile")).toBeDisabled();

    await context.setOffline(false);
    await expect(app.task("Meanwhile")).toBeEnabled();
    await expect(page.getByText(BANNER)).toBeHidden();
    await app.reload();
    await expect(app.task("Before")).toBeChecked();
    await expect(app.task("Meanwhile")).not.toBeChecked();
  },
);

test.describe("while the backend is gone", () => {
  test.skip(!(E2E_BACKEND_STOP && E2E_BACKEND_START), "needs commands that stop and start the backend");
  test.afterEach(() => run(E2E_BACKEND_START));

  test("the page says so, keeps what was typed, and goes on by itself", ONCE, async ({ app, page }) => {
    await app.enter();
    await app.add("Before");
    run(E2E_BACKEND_STOP);
    await page.getByLabel("New task").fill("Meanwhile");
    await page.keyboard.press("Enter");
    await expect(page.getByText(BANNER)).toBeVisible();
    await expect(app.task("Meanwhile")).toBeDisabled();
    await page.getByLabel("New task").fill("Half a thought");

    run(E2E_BACKEND_START);
    await expect(app.task("Meanwhile")).toBeEnabled();
    await expect(page.getByText(BANNER)).toBeHidden();
    await expect(page.getByLabel("New task")).toHaveValue("Half a thought");
  });

  test("a page that is opened then waits and shows the tasks once it is back", ONCE, async ({ app, page }) => {
    await app.enter();
    await app.add("Before");
    run(E2E_BACKEND_STOP);
    await page.reload();
    await expect(page.getByText(BANNER)).toBeVisible();
    run(E2E_BACKEND_START);
    await expect(app.task("Before")).toBeVisible();
  });

  test("the chat says so, keeps what is typed, and sends a message once it is back", async ({ app, page }) => {
    await app.enter();
    const chat = await app.openChat();
    run(E2E_BACKEND_STOP);
    await chat.say("Add buy candles");
    await expect(chat.panel.getByText("This goes on as soon as it is back")).toBeVisible();
    await expect(page.getByText(BANNER)).toBeVisible();
    await chat.field.fill("Half a thought");
    run(E2E_BACKEND_START);
    await expect(chat.log.getByText("Add task: Buy candles")).toHaveCount(1);
    await expect(chat.field).toHaveValue("Half a thought");
  });

  test("signing in says so, and keeps the fields", ONCE, async ({ app, page }) => {
    const email = await app.signUp();
    await app.signOut();
    run(E2E_BACKEND_STOP);
    await app.signIn(email);
    await expect(page.getByRole("alert").filter({ hasText: "can't be reached" })).toBeVisible();
    await expect(page.getByLabel("E-mail")).toHaveValue(email);
    run(E2E_BACKEND_START);
    await expect(page.getByText(BANNER)).toBeHidden();
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(app.heading).toBeVisible();
  });
});

function run(command: string | undefined): void {
  execSync(command ?? "", { stdio: "ignore" });
}
