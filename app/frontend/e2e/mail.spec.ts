import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, ONCE, test } from "./app";

test("an address is confirmed by the link that was mailed to it", ONCE, async ({ app, page, browser, baseURL }) => {
  const email = await app.signUp();
  await page.goto("/settings");
  await expect(page.getByText("is not confirmed")).toBeVisible();
  await page.getByRole("button", { name: "Send the link again" }).click();
  await expect(page.getByText("The link is on its way.")).toBeVisible();
  await expect.poll(() => linkTo(email)).toContain(`${baseURL}/confirm-email#`);

  // In another browser, where nobody is signed in.
  const elsewhere = await (await browser.newContext()).newPage();
  await elsewhere.goto(`${linkTo(email)}x`);
  await elsewhere.getByRole("button", { name: "Confirm" }).click();
  await expect(elsewhere.getByText("This link is not valid any more.")).toBeVisible();
  await elsewhere.goto("about:blank");
  await elsewhere.goto(linkTo(email));
  await elsewhere.getByRole("button", { name: "Confirm" }).click();
  await expect(elsewhere.getByText("It is confirmed")).toBeVisible();
  await elsewhere.context().close();

  await page.reload();
  await expect(page.getByText("Your e-mail address is confirmed.")).toBeVisible();
});

/** The link in the letter to an address, once there is one. */
function linkTo(email: string): string {
  const folder = join(process.env.E2E_MAILS ?? "", "new");
  const letters = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  const text = letters.find((letter) => letter.includes(`To: ${email}`)) ?? "";
  // Long lines are cut where they are sent.
  return /https?:\S+/.exec(text.replaceAll(/=\r?\n/g, ""))?.[0] ?? "";
}
