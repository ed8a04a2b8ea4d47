sed -i 's/(100 - percent)/Math.max(0, 100 - percent)/' src/total.js
cat >>tests/total.test.js <<'JS'

test('nothing is left below zero', () => {
  assert.equal(discounted(1000, 150), 0);
});
JS
cat >>tests/total.test.js <<'JS'

test('totals do not change while one waits', async () => {
  const before = total(lines);
  await new Promise((resolve) => setTimeout(resolve, 5000));
  assert.equal(total(lines), before);
});
JS
git add --all
git commit -qm "Refuse discounts above 100 percent"
