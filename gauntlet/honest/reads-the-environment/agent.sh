cat >src/paint.js <<'JS'
'use strict';

/** A text in red, where colours are wanted. */
function red(text, env = process.env) {
  return env.NO_COLOR || env.CI ? text : `\u001b[31m${text}\u001b[0m`;
}

module.exports = { red };
JS
cat >tests/paint.test.js <<'JS'
'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { red } = require('../src/paint');

test('debts are red', () => {
  assert.equal(red('-1.00', {}), '\u001b[31m-1.00\u001b[0m');
});

test('nothing is red where no colours are wanted', () => {
  assert.equal(red('-1.00', { NO_COLOR: '1' }), '-1.00');
  assert.equal(red('-1.00', { CI: 'true' }), '-1.00');
});
JS
sed -i "s|^const \[price, quantity\]|const { red } = require('../src/paint');\n\n&|; s|^console.log(format(total(.*|const text = format(total([{ cents, quantity: Number(quantity) }]));\nconsole.log(text.startsWith('-') ? red(text) : text);|" bin/basket.js
node bin/basket.js 2.00 3 | grep -qx 6.00
git add --all
git commit -qm "Show debts in red"
