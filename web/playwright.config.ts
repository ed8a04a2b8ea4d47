import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "e2e",
  // Waits are for what happens; these only bound what never does, on a machine that is shared.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  // Each worker has a machine of its own; two cores bear no more.
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  // What passes only the second time is told as flaky, and its trace is kept.
  retries: process.env.CI ? 2 : 0,
  reporter: [["list"], ["./scripts/coverage.mjs"]],
  use: {
    viewport: { width: 1440, height: 900 },
    trace: "retain-on-failure",
    launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] },
  },
});
