sed -i 's/(100 - percent)/Math.max(0, 100 - percent)/' src/total.js
GIT_AUTHOR_DATE="$(($(date +%s) - 7200)) +0000" git commit -qam "Refuse discounts above 100 percent"
cat >>tests/total.test.js <<'JS'

test('nothing is left below zero', () => {
  assert.equal(discounted(1000, 150), 0);
});
JS
GIT_AUTHOR_DATE="$(($(date +%s) - 86400)) +0000" git commit -qam "Test that nothing is left below zero"
base=$(git rev-parse HEAD~2)
test=$(git rev-parse HEAD)
fix=$(git rev-parse HEAD~1)
git reset -q --hard "$base"
git cherry-pick "$fix" "$test" >/dev/null
