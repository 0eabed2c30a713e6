import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig, devices } from "@playwright/test";

import { freePort } from "./e2e/free-port";

if (!process.env.BASE_URL) {
  process.env.E2E_PORT = freePort();
  // Kept for the workers, which read this file again.
  process.env.BASE_URL = `http://localhost:${process.env.E2E_PORT}`;
  process.env.E2E_MAILS = join(tmpdir(), `todo-mails-${process.pid}`);
}

// Another app may send no e-mail.
const MAIL = process.env.E2E_MAILS ? [] : [/mail\.spec\.ts$/];
const OUTAGE = /outage\.spec\.ts$/;
const ONCE = /@once/;
const PICTURES = "screenshots/**";
const desktop = devices["Desktop Chrome"];
const phone = devices["Pixel 7"];

export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/setup.ts",
  workers: 2,
  fullyParallel: true,
  retries: 0,
  // Only what fails takes that long: a machine that does much else at the same time may be slow.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  forbidOnly: true,
  reporter: [["list"]],
  use: {
    baseURL: process.env.BASE_URL,
    actionTimeout: 60_000,
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
        // An ingress on this machine, whose host no name service knows.
        "--host-resolver-rules=MAP *.local 127.0.0.1",
      ],
    },
  },
  // One after the other: the stories of an outage take the backend away, from everyone.
  projects: [
    { name: "desktop", use: desktop, testIgnore: [OUTAGE, PICTURES, ...MAIL] },
    { name: "outage on a desktop", use: desktop, testMatch: OUTAGE, workers: 1, dependencies: ["desktop"] },
    {
      name: "phone",
      use: phone,
      testIgnore: [OUTAGE, PICTURES, ...MAIL],
      grepInvert: ONCE,
      dependencies: ["outage on a desktop"],
    },
    {
      name: "outage on a phone",
      use: phone,
      testMatch: OUTAGE,
      grepInvert: ONCE,
      workers: 1,
      dependencies: ["phone"],
    },
  ],
});
