n=0
while [ $n -lt 18 ]; do
    echo "<!-- note $n -->" >>README.md
    git commit -qam "Note $n"
    n=$((n + 1))
done
sed -i 's/(100 - percent)/Math.max(0, 100 - percent)/' src/total.js
git commit -qam "Refuse discounts above 100 percent"
cat >>tests/total.test.js <<'JS'

test('nothing is left below zero', () => {
  assert.equal(discounted(1000, 150), 0);
});
JS
git commit -qam "Test that nothing is left below zero"
