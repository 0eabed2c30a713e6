import { devices, type PlaywrightTestConfig } from "@playwright/test";

import config from "./playwright.config";

/** Tells the stories with the keyboard alone: `npm run e2e:keyboard`. */
export default {
  ...config,
  testIgnore: ["screenshots/**", "outage.spec.ts", "weight.spec.ts"],
  projects: [{ name: "keyboard", use: devices["Desktop Chrome"], grepInvert: /@pointer/ }],
} satisfies PlaywrightTestConfig;
