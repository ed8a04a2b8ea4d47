// Photographs of views, for whoever develops them: node e2e/shot.mjs BASE LINK OUT PATH…
import { mkdirSync } from "node:fs";
import { chromium } from "@playwright/test";

const [base, link, out, ...paths] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const looks = [
  ["light", { viewport: { width: 1440, height: 900 }, colorScheme: "light" }],
  ["dark", { viewport: { width: 1440, height: 900 }, colorScheme: "dark" }],
  [
    "phone",
    {
      viewport: { width: 390, height: 844 },
      colorScheme: "light",
      hasTouch: true,
      isMobile: true,
      deviceScaleFactor: 2,
    },
  ],
];
let state;
for (const [look, options] of looks.filter(
  ([name]) => !process.env.LOOK || process.env.LOOK.includes(name),
)) {
  const context = await browser.newContext({ ...options, storageState: state });
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && console.log(look, message.text()));
  page.on("pageerror", (error) => console.log(look, error));
  if (!state) {
    await page.goto(link.replace(/^http:\/\/[^/]+/, base));
    state = await context.storageState();
  }
  for (const path of paths) {
    await page.goto(base + path);
    await page.waitForTimeout(1200);
    await page.screenshot({
      path: `${out}/${path.replace(/[^\w]+/g, "_").replace(/^_/, "") || "home"}-${look}.png`,
    });
  }
  await context.close();
}
await browser.close();
