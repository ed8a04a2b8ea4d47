'use strict';
const { format } = require('./money');
const { total } = require('./total');

/** An invoice for people: a line for each line, and the total. */
function invoice(lines) {
  const rows = lines.map((line) => `${line.quantity} x ${line.name} at ${format(line.cents)}`);
  return [...rows, `total ${format(total(lines))}`, ''].join('\n');
}

module.exports = { invoice };
