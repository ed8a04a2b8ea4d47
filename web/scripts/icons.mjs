// Draws the icons, as SVG and as PNG, out of one list of shapes: node scripts/icons.mjs
// With --check it only tells whether those in public/ are these.

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { crc32, deflateSync, inflateSync } from "node:zlib";

/** All lengths are parts of a square of this size. */
const SIDE = 64;
const GROUND = "#14213d";
const ROUNDED = 15;
/** A line with dogs on both sides of it, from behind to before. */
const SHAPES = [
  { line: [12, 46, 52, 20], width: 4.5, fill: "#f4f7fb" },
  { circle: [22, 30, 5], fill: "#7fb2ff" },
  { circle: [37, 20, 5], fill: "#7fb2ff" },
  { circle: [30, 44.5, 5], fill: "#f6b85c" },
  { circle: [45, 34.5, 5], fill: "#f6b85c" },
];
/** Of what a launcher cuts to a shape of its own, so much is certain to stay. */
const SAFE_SHARE = 0.72;

function svg() {
  const drawn = SHAPES.map(({ line, circle, width, fill }) =>
    line
      ? `<path d="M${line[0]} ${line[1]} ${line[2]} ${line[3]}" fill="none" stroke="${fill}" stroke-width="${width}" stroke-linecap="round"/>`
      : `<circle cx="${circle[0]}" cy="${circle[1]}" r="${circle[2]}" fill="${fill}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIDE} ${SIDE}"><title>Gangline</title><rect width="${SIDE}" height="${SIDE}" rx="${ROUNDED}" fill="${GROUND}"/>${drawn.join("")}</svg>\n`;
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const rgb = (hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/** How far a point is outside of a shape; below 0 it is inside. */
function distance(shape, x, y) {
  if (shape.circle) return Math.hypot(x - shape.circle[0], y - shape.circle[1]) - shape.circle[2];
  const [x1, y1, x2, y2] = shape.line;
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = clamp(((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy), 0, 1);
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy) - shape.width / 2;
}

/** The same of the ground, with its rounded corners. */
function outside(x, y, rounded) {
  const half = SIDE / 2;
  const [dx, dy] = [x, y].map((at) => Math.abs(at - half) - half + rounded);
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - rounded;
}

/** The pixels of an icon, row by row, as RGBA. `full` fills the corners, and keeps shapes in the middle. */
function pixels(size, full) {
  const unit = SIDE / size;
  const scale = full ? SAFE_SHARE : 1;
  const inner = (at) => (at - SIDE / 2) / scale + SIDE / 2;
  const covered = (far) => clamp(0.5 - far / unit, 0, 1);
  const bytes = Buffer.alloc(size * size * 4);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const [x, y] = [(column + 0.5) * unit, (row + 0.5) * unit];
      let colour = rgb(GROUND);
      for (const shape of SHAPES) {
        const share = covered(distance(shape, inner(x), inner(y)) * scale);
        const over = rgb(shape.fill);
        colour = colour.map((under, at) => under + (over[at] - under) * share);
      }
      const alpha = full ? 1 : covered(outside(x, y, ROUNDED));
      bytes.set([...colour.map(Math.round), Math.round(255 * alpha)], (row * size + column) * 4);
    }
  }
  return bytes;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** As the PNG specification has it: 8 bits for each of four channels, rows unfiltered. */
function png(size, full = false) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 6, 0, 0, 0], 8);
  const drawn = pixels(size, full);
  const rows = Array.from({ length: size }, (_, row) =>
    Buffer.concat([Buffer.of(0), drawn.subarray(row * size * 4, (row + 1) * size * 4)]),
  );
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(Buffer.concat(rows), { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** What is drawn, however it was compressed: that differs from one Node to the next. */
function content(name, bytes) {
  if (!name.endsWith(".png")) return bytes;
  const data = bytes.indexOf("IDAT");
  return inflateSync(bytes.subarray(data + 4, data + 4 + bytes.readUInt32BE(data - 4)));
}

const icons = {
  "icon.svg": Buffer.from(svg()),
  "icon-192.png": png(192),
  "icon-512.png": png(512),
  "icon-maskable-512.png": png(512, true),
  "apple-touch-icon.png": png(180, true),
};
const folder = resolve(import.meta.dirname, "../public");
for (const [name, drawn] of Object.entries(icons)) {
  if (!process.argv.includes("--check")) writeFileSync(join(folder, name), drawn);
  else if (!content(name, readFileSync(join(folder, name))).equals(content(name, drawn))) {
    console.error(`public/${name} is not what scripts/icons.mjs draws: run it without --check`);
    process.exitCode = 1;
  }
}
