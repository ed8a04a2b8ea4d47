// Tickets in every state, for whoever develops or photographs the dashboard.
//
//   node e2e/world/play.mjs        prints a login link, and runs until it is interrupted

import {
  asker,
  breaker,
  busy,
  currencies,
  good,
  liar,
  lockedOut,
  slow,
  small,
  tired,
  trespasser,
} from "./scripts.mjs";
import { World } from "./world.mjs";

/**
 * Everything at once: what needs a person, what is at work, what waits and what has landed. `lane` is what
 * the merge lane is at.
 */
export async function play(world, lane = slow(8)) {
  const keys = {};
  const add = async (name, title, body, more) => {
    keys[name] = await world.add(title, body, more);
  };
  for (const name of ["guide", "faq", "terms"]) {
    await add(name, `Write the ${name}`, small(name), { labels: ["docs"], priority: "low" });
  }
  for (const name of ["guide", "faq", "terms"]) {
    await world.until(keys[name], "review");
    await world.act(keys[name], "approve", {});
    await world.until(keys[name], "landed");
  }
  keys.scheduled = (await world.api("POST", "/projects/shop/schedules/dependencies/run")).key;
  await world.until(keys.scheduled, "review");
  await world.act(keys.scheduled, "approve", {});
  await world.until(keys.scheduled, "landed");
  keys.plan = await world.plan(currencies);
  await add("question", "Parse prices of every shop", asker, {
    labels: ["prices"],
    priority: "high",
    agent: "careful",
  });
  await add("review", "Refuse counts that nobody can buy", good(), { labels: ["cart"], priority: "high" });
  await add("liar", "Cache exchange rates", liar, { labels: ["prices"] });
  await add("breaker", "Write the export with semicolons", breaker, { labels: ["export"] });
  await add("trespasser", "Run the tests on every push", trespasser, { labels: ["ci"], priority: "low" });
  await add("busy", "Port the pages to the new templates", busy(), {
    labels: ["pages"],
    priority: "critical",
  });
  await add("other", "Port the mails to the new templates", busy(60, 4200), {
    labels: ["mails"],
    agent: "careful",
  });
  await add("tired", "Tidy the changelog", tired, { priority: "low" });
  await add("locked", "Sort the articles by name", lockedOut, { agent: "night-shift" });
  await add("held", "Show prices in two currencies", small("currencies"), { labels: ["prices"] });
  await world.act(keys.held, "hold");
  await add("draft", "Discounts for students", small("discounts"), { draft: true, labels: ["cart"] });
  await add("waits", "Import the old shop's prices", small("import"), {
    depends_on: [keys.question],
    labels: ["prices"],
  });
  await add("also", "Compare prices with last year's", small("compare"), {
    depends_on: [keys.question, keys.waits],
  });
  await add("lane", "Measure twice", lane, { priority: "high" });
  await add("behind", "Write the imprint", small("imprint"), { labels: ["docs"] });
  for (const name of ["lane", "behind"]) await world.until(keys[name], "review", () => world.wake());
  // What is tried after the lane has landed is measured as long as that says.
  for (const name of ["liar", "breaker", "trespasser"])
    await world.until(keys[name], "escalated", () => world.wake());
  for (const name of ["lane", "behind"]) await world.act(keys[name], "approve", {});
  await world.until(keys.plan, "delivered");
  return keys;
}

if (process.argv[1] === import.meta.filename) {
  const world = await World.begin();
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.on(signal, () => world.end().then(() => process.exit(0)));
  }
  console.log(`world ${world.root}, port ${world.port}`);
  try {
    console.log(await play(world));
    console.log(await world.link());
  } catch (error) {
    await world.end();
    throw error;
  }
  setInterval(() => {}, 1 << 30);
}
