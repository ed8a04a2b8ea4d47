sed -i 's/(100 - percent)/Math.max(0, 100 - percent)/' src/total.js
mkdir -p tests/discounts
cat >tests/discounts/limits.test.js <<'JS'
'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { discounted } = require('../../src');

test('nothing is left below zero', () => {
  assert.equal(discounted(1000, 150), 0);
});
JS
git add --all
git commit -qm "Refuse discounts above 100 percent"
