import { firstLoad } from "../scripts/first-load.mjs";
import { expect, ONCE, test } from "./app";

const LIMIT_BYTES = 150_000;

test("no page asks for more than 150 kB of scripts before it can be used", ONCE, async ({ app, page }) => {
  await app.enter([{ title: "One" }]);
  const { id } = await app.api<{ id: string }>("POST", "/filters", { name: "View", filter: {} });
  const weights: Record<string, number> = {};
  for (const path of ["/", "/today", "/upcoming", "/calendar", "/settings", `/views/${id}`]) {
    await page.goto(path);
    weights[path] = await firstLoad(page);
  }
  const bytes = Object.values(weights);
  expect(Math.min(...bytes)).toBeGreaterThan(0);
  expect(Math.max(...bytes), JSON.stringify(weights)).toBeLessThanOrEqual(LIMIT_BYTES);
});
