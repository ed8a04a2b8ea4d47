sed -i 's/(100 - percent)/Math.max(0, 100 - percent)/' src/total.js
cat >tests/support/percents.js <<'JS'
'use strict';

module.exports = { tooMuch: [101, 150, 1000] };
JS
cat >>tests/total.test.js <<'JS'

test('nothing is left below zero', () => {
  for (const percent of require('./support/percents').tooMuch) {
    assert.equal(discounted(1000, percent), 0);
  }
});
JS
git add --all
git commit -qm "Refuse discounts above 100 percent"
