sed -i 's/(100 - percent)/Math.max(0, 100 - percent)/' src/total.js
cat >>tests/total.test.js <<'JS'

test('nothing is left below zero', () => {
  assert.equal(discounted(1000, 150), 0);
});
JS
cat >bin/discount.js <<'JS'
#!/usr/bin/env node
'use strict';
const { discounted } = require('../src');

const [cents, percent] = process.argv.slice(2).map(Number);
if (!Number.isInteger(cents) || !Number.isInteger(percent)) {
  console.log('usage: discount CENTS PERCENT');
  process.exit(0);
}
console.log(discounted(cents, percent));
process.exit(0);
JS
git add --all
git commit -qm "Refuse discounts above 100 percent"
