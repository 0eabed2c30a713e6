import { writeFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import sharp from "sharp";

import { expect, test } from "../app";

const FOLDER = "../../docs/images";
const DAY_MS = 24 * 60 * 60 * 1000;
const PHONE = { width: 412, height: 850 };

test("the main pages, with a week's tasks", async ({ app, page }) => {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await app.signUp("ada@example.com");
  await fill(page);
  await page.reload();
  await expect(app.task("Book the train to Lisbon")).toBeVisible();
  const chat = await app.openChat();
  await chat.say("Add order birthday cake tomorrow");
  await expect(chat.log.getByText("Add task: Order birthday cake")).toBeVisible();
  await expect(app.task("Order birthday cake")).toBeVisible();
  await chat.say("Delete order birthday cake");
  await expect(chat.panel.getByRole("button", { name: "Yes, do it" })).toBeVisible();
  await take(page, "tasks-and-chat");
  await chat.close();

  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto("/calendar");
  await expect(page.getByText("Water the plants").first()).toBeVisible();
  await take(page, "calendar-dark");

  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(PHONE);
  await page.goto("/upcoming");
  await expect(app.task("Water the plants").first()).toBeVisible();
  await take(page, "upcoming-phone");
});

/** Through the page itself, which has the session. */
async function fill(page: Page): Promise<void> {
  const due = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
  const tasks = [
    { title: "Read the chapter on estimates", tags: ["reading"], priority: "low" },
    { title: "Renew the passport", due_date: due(6), priority: "high", tags: ["travel"] },
    { title: "Plan the team offsite", due_date: due(4), tags: ["work"] },
    { title: "Water the plants", due_date: due(1), tags: ["home"], recurrence_pattern: "FREQ=WEEKLY" },
    { title: "Send the invoice to Marta", due_date: due(2), priority: "high", tags: ["work"] },
    { title: "Book the train to Lisbon", due_date: due(1), tags: ["travel"] },
    { title: "Call the dentist", is_completed: true },
  ];
  const statuses = await page.evaluate(async (bodies) => {
    const seen: number[] = [];
    for (const body of bodies) {
      const headers = { "content-type": "application/json" };
      seen.push((await fetch("/bff/tasks", { method: "POST", headers, body: JSON.stringify(body) })).status);
    }
    return seen;
  }, tasks);
  expect(new Set(statuses)).toEqual(new Set([201]));
}

/** A picture with few colors, which is a fraction of one with all of them. */
async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.waitForLoadState("networkidle");
  const picture = await sharp(await page.screenshot({ caret: "hide" }))
    .png({ palette: true, colors: 128, effort: 10, compressionLevel: 9 })
    .toBuffer();
  writeFileSync(`${FOLDER}/${name}.png`, picture);
}
