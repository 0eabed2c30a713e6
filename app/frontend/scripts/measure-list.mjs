// Writes the milliseconds of each long task while someone goes through a list of many tasks (URL, COOKIE, TASKS).
import { chromium } from "@playwright/test";

const { URL: url, COOKIE, TASKS, CHROMIUM_PATH = "/usr/bin/chromium" } = process.env;
const STEP_PX = 4_000;

const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ extraHTTPHeaders: { cookie: COOKIE } });
await page.goto(url);
await page.getByRole("checkbox", { name: `Task number ${TASKS}`, exact: true }).waitFor();
await page.evaluate(() => {
  window.longTasks = [];
  new PerformanceObserver((list) => {
    window.longTasks.push(...list.getEntries().map(({ duration }) => Math.round(duration)));
  }).observe({ type: "longtask" });
});

// By attributes: to look for roles and names would itself hold the page up, as that is done on the page.
const named = (name) => page.locator(`[aria-label="${name}"]`);
while (!(await named("Task number 1").isVisible())) {
  await page.mouse.wheel(0, STEP_PX);
  // As fast as the page itself draws.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
}
await named("Task number 1").click();
await named("Notifications").locator("p").waitFor();
await named("Rename Task number 1").click();
await page.keyboard.type("The first one");
await page.keyboard.press("Enter");
await named("The first one").waitFor();

process.stdout.write(`${JSON.stringify(await page.evaluate(() => window.longTasks))}\n`);
await browser.close();
