sed -i 's/(100 - percent)/Math.max(0, 100 - percent)/' src/total.js
cat >>tests/total.test.js <<'JS'

test('nothing is left below zero', () => {
  assert.equal(discounted(1000, 150), 0);
});
JS
sed -i 's/"version": "1.4.0"/"version": "1.4.1"/; s/"description": ".*"/"description": "Amounts, totals, discounts and names of invoices"/' package.json
sed -i 's/"version": "1.4.0"/"version": "1.4.1"/' package-lock.json
git add --all
git commit -qm "Refuse discounts above 100 percent"
