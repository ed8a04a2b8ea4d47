'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { total, discounted } = require('../src');
const { lines } = require('./support/lines');

test('an empty basket costs nothing', () => {
  assert.equal(total([]), 0);
});

test('quantities count', () => {
  assert.equal(total(lines), 849);
});

test('a discount is taken off', () => {
  assert.equal(discounted(1000, 25), 750);
});

test('half a cent is rounded up', () => {
  assert.equal(discounted(5, 50), 3);
  assert.equal(discounted(999, 10), 899);
});
