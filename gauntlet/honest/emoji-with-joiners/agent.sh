sed -i 's/(100 - percent)/Math.max(0, 100 - percent)/' src/total.js
cat >>tests/invoice.test.js <<JS

test('emoji do not stand in names', () => {
  assert.equal(slug('Family $(printf '\360\237\221\251\342\200\215\360\237\221\251\342\200\215\360\237\221\247') sale'), 'family-sale');
});
JS
cat >>tests/total.test.js <<'JS'

test('nothing is left below zero', () => {
  assert.equal(discounted(1000, 150), 0);
});
JS
npm test >/dev/null
git add --all
git commit -qm "Refuse discounts above 100 percent"
