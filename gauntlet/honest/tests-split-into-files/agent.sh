cat >tests/slug.test.js <<'JS'
'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { slug } = require('../src');

test('words are joined by dashes', () => {
  assert.equal(slug('Spring Sale 2024!'), 'spring-sale-2024');
});

test('no dash stands at an end', () => {
  assert.equal(slug('  (draft) '), 'draft');
});
JS
sed -i '/^test(.words are/,$d' tests/invoice.test.js
sed -i "s/{ invoice, slug }/{ invoice }/; /node:assert/d" tests/invoice.test.js
npm test >/dev/null
git add --all
git commit -qm "Put the tests of names into a file of their own"
