sed -i 's/(100 - percent)/Math.max(0, 100 - percent)/' src/total.js
cat >>tests/total.test.js <<'JS'

test('nothing is left below zero', () => {
  assert.equal(discounted(1000, 150), 0);
});
JS
printf '150,0\r\n' >>data/discounts.csv
git add --all
git commit -qm "Refuse discounts above 100 percent"
