'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');

/** A basket that tests share. */
const lines = [
  { name: 'rope', cents: 250, quantity: 3 },
  { name: 'bell', cents: 99, quantity: 1 },
];

/** Asserts that a text is what the snapshot of this name holds. */
function assertSnapshot(name, text) {
  const file = path.join(__dirname, '..', 'snapshots', name);
  assert.equal(text, fs.readFileSync(file, 'utf8'));
}

module.exports = { lines, assertSnapshot };
