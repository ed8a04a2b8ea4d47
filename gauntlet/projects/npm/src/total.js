'use strict';

/** Cents of all lines. */
function total(lines) {
  return lines.reduce((sum, line) => sum + line.cents * line.quantity, 0);
}

/** Cents that are left after a discount, rounded half up. */
function discounted(cents, percent) {
  return Math.floor((cents * (100 - percent) + 50) / 100);
}

module.exports = { total, discounted };
