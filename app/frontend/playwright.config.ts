import { defineConfig, devices } from "@playwright/test";

import { freePort } from "./e2e/free-port";

if (!process.env.BASE_URL) {
  process.env.E2E_PORT = freePort();
  // Kept for the workers, which read this file again.
  process.env.BASE_URL = `http://localhost:${process.env.E2E_PORT}`;
}

export default defineConfig({
  testDir: "e2e",
  testIgnore: "screenshots/**",
  globalSetup: "./e2e/setup.ts",
  workers: 1,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  reporter: [["list"]],
  use: {
    baseURL: process.env.BASE_URL,
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "desktop", use: { ...devices["Desktop Chrome"] } },
    { name: "phone", use: { ...devices["Pixel 7"] }, grepInvert: /@keyboard/ },
  ],
});
