'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { invoice, slug } = require('../src');
const { lines, assertSnapshot } = require('./support/lines');

test('an invoice lists its lines and the total', () => {
  assertSnapshot('invoice.txt', invoice(lines));
});

test('words are joined by dashes', () => {
  assert.equal(slug('Spring Sale 2024!'), 'spring-sale-2024');
});

test('no dash stands at an end', () => {
  assert.equal(slug('  (draft) '), 'draft');
});
