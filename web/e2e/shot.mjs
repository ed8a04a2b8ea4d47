// Photographs of views, for whoever develops them: node e2e/shot.mjs BASE LINK OUT PATH…
// LOOK=light,phone takes only these.

import { mkdirSync, writeFileSync } from "node:fs";
import { LOOKS, Photographer } from "./photographer.mjs";

const [base, link, out, ...paths] = process.argv.slice(2);
const looks = process.env.LOOK?.split(",") ?? Object.keys(LOOKS);
mkdirSync(out, { recursive: true });
const photographer = await Photographer.begin(base, link);
for (const look of looks) {
  for (const path of paths) {
    const name = path.replace(/[^\w]+/g, "_").replace(/^_/, "") || "home";
    writeFileSync(`${out}/${name}-${look}.webp`, await photographer.picture(look, path));
  }
}
await photographer.end();
