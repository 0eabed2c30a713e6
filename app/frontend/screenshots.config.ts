import { devices, type PlaywrightTestConfig } from "@playwright/test";

import config from "./playwright.config";

/** Takes the pictures of the documentation: `npm run screenshots`. */
export default {
  ...config,
  testDir: "e2e/screenshots",
  testIgnore: [],
  projects: [{ name: "pictures", use: { ...devices["Desktop Chrome"], viewport: { width: 1360, height: 850 } } }],
} satisfies PlaywrightTestConfig;
