// Writes how many bytes of scripts, compressed, a page asks for before it can be used (URL, COOKIE).
import { chromium } from "@playwright/test";

import { firstLoad } from "./first-load.mjs";

const { URL: url, COOKIE, CHROMIUM_PATH = "/usr/bin/chromium" } = process.env;
const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ extraHTTPHeaders: { cookie: COOKIE } });
await page.goto(url);
process.stdout.write(`${await firstLoad(page)}\n`);
await browser.close();
