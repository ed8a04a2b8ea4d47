// A browser that is let in and takes pictures: in the light, in the dark, and on a phone.

import { chromium } from "@playwright/test";

const WIDE = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5 };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

export const LOOKS = {
  light: { ...WIDE, colorScheme: "light" },
  dark: { ...WIDE, colorScheme: "dark" },
  phone: { ...PHONE, colorScheme: "light" },
  "phone-dark": { ...PHONE, colorScheme: "dark" },
};
/** Of 100. Letters have no shadows around them from here on. */
const QUALITY = 82;

export class Photographer {
  /** `link` lets one browser in; `base` is where the page comes from. */
  static async begin(base, link) {
    const it = new Photographer();
    it.base = base;
    it.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox"],
    });
    const context = await it.browser.newContext();
    await (await context.newPage()).goto(link.replace(/^http:\/\/[^/]+/, base));
    it.state = await context.storageState();
    await context.close();
    return it;
  }

  /** A view as WebP, after what is done `before`. */
  async picture(look, path, before = async () => {}) {
    const context = await this.browser.newContext({
      ...LOOKS[look],
      storageState: this.state,
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && console.error(path, look, message.text()));
    page.on("pageerror", (error) => console.error(path, look, error));
    await page.goto(this.base + path);
    await page.locator("#main h1").first().waitFor({ state: "attached" });
    await before(page);
    // Until nothing is asked for any more: letters are there, and lines are coloured.
    await page.waitForLoadState("networkidle").catch(() => {});
    await page.evaluate(() => document.fonts.ready);
    await page.waitForTimeout(1_500);
    const session = await context.newCDPSession(page);
    const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: QUALITY });
    await context.close();
    return Buffer.from(data, "base64");
  }

  end() {
    return this.browser.close();
  }
}
