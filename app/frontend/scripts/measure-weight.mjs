// Writes how many bytes of scripts, compressed, a page asks for before it can be used (URL, COOKIE).
import { chromium } from "@playwright/test";

/**
 * First-load JavaScript: the scripts that a page's HTML names. With them it takes input; whatever they ask for comes beside the tasks.
 *
 * @param {import("@playwright/test").Page} page
 * @returns {Promise<number>}
 */
export function firstLoad(page) {
  return page.evaluate(async () => {
    const html = await (await fetch(window.location.href)).text();
    const scripts = new DOMParser().parseFromString(html, "text/html").querySelectorAll("script[src]:not([nomodule])");
    const names = new Set(
      Array.from(scripts, (script) => new URL(script.getAttribute("src"), window.location.href).href),
    );
    const loaded = performance.getEntriesByType("resource").filter(({ name }) => names.has(name));
    return loaded.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  });
}

if (process.argv[1] === import.meta.filename) {
  const { URL: url, COOKIE, CHROMIUM_PATH = "/usr/bin/chromium" } = process.env;
  const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: ["--no-sandbox", "--disable-gpu"] });
  const page = await browser.newPage({ extraHTTPHeaders: { cookie: COOKIE } });
  await page.goto(url);
  process.stdout.write(`${await firstLoad(page)}\n`);
  await browser.close();
}
