// The pictures in docs/images, of the tickets that play.mjs makes: node e2e/images.mjs [NAME…]
// They are of the page in dist/, and of the program that the tests use.

import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { preview } from "vite";
import { Photographer } from "./photographer.mjs";
import { play } from "./world/play.mjs";
import { slow } from "./world/scripts.mjs";
import { freePort, World } from "./world/world.mjs";

const OUT = resolve(import.meta.dirname, "../../docs/images");
/** Bytes of one picture: a document with all of them is still read over a slow line. */
const BYTES_MAX = 120 * 1024;

const REMARK = {
  path: "src/cart.ts",
  side: "new",
  line: 16,
  text: "Say in the message that a count is a whole number, at least 1.",
};

/** A remark stands at a line, as if somebody were in the middle of it. */
async function remarked(page, world, key) {
  const { commit } = await world.ticket(key);
  await page.evaluate(
    ([name, text]) => localStorage.setItem(name, text),
    [`gangline:remarks:shop.${key}.${commit}`, JSON.stringify([REMARK])],
  );
  await page.reload();
  await page.getByText(REMARK.text).scrollIntoViewIfNeeded();
  await page.getByRole("region", { name: REMARK.path }).evaluate((region) => region.scrollIntoView());
}

/** Where everything is on a machine of somebody's own, and not in a throw-away one. */
async function atHome(page, world) {
  const where = page.getByText(world.root).first();
  await where.evaluate((node, root) => {
    node.textContent = node.textContent.replace(`${root}/state`, "~/.local/state/gangline");
  }, world.root);
}

/** Each picture: where it is taken, and what is done before. */
const pictures = (world, keys) => ({
  board: { path: "/board", looks: ["light", "dark"] },
  home: {
    path: "/",
    looks: ["light"],
    before: async (page) => {
      await page.getByRole("button", { name: new RegExp(`\\b${keys.question}\\b`) }).click();
      await page.getByRole("article").waitFor();
    },
  },
  ticket: { path: `/t/shop/${keys.breaker}`, looks: ["light"], before: (page) => atHome(page, world) },
  diff: {
    path: `/t/shop/${keys.review}/diff`,
    looks: ["dark"],
    before: (page) => remarked(page, world, keys.review),
  },
  transcript: { path: `/t/shop/${keys.busy}/transcript`, looks: ["light"] },
  plan: { path: `/plans/shop/${keys.plan}`, looks: ["light"] },
  schedules: { path: "/schedules", looks: ["dark"] },
  phone: {
    path: "/",
    looks: ["phone"],
    before: async (page) => {
      await page.getByRole("button", { name: new RegExp(`\\b${keys.question}\\b`) }).tap();
      await page.getByRole("article").waitFor();
    },
  },
});

const world = await World.begin();
try {
  const keys = await play(world, slow());
  await world.until(keys.question, (ticket) => ticket.questions.length > 0);
  for (const name of ["liar", "breaker", "trespasser"]) await world.until(keys[name], "escalated");
  await world.until(keys.review, "review");
  await world.act(keys.busy, "steer", { text: "Leave the tests of the old templates alone." });
  process.env.GANGLINE_DAEMON = `http://127.0.0.1:${world.port}`;
  const port = await freePort();
  const server = await preview({ logLevel: "silent", preview: { port } });
  const photographer = await Photographer.begin(`http://127.0.0.1:${port}`, await world.link());
  mkdirSync(OUT, { recursive: true });
  const wanted = process.argv.slice(2);
  for (const [name, { path, looks, before }] of Object.entries(pictures(world, keys))) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    for (const look of looks) {
      const picture = await photographer.picture(look, path, before);
      const file = looks.length > 1 ? `${name}-${look}.webp` : `${name}.webp`;
      console.log(file, `${Math.round(picture.length / 1024)} kB`);
      if (picture.length > BYTES_MAX) throw new Error(`${file} is larger than ${BYTES_MAX} bytes`);
      writeFileSync(join(OUT, file), picture);
    }
  }
  await photographer.end();
  await server.close();
} finally {
  await world.end();
}
