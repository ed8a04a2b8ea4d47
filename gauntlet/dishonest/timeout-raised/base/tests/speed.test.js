'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { total } = require('../src');

test('a long basket is added up at once', { timeout: 500 }, () => {
  const began = Date.now();
  const lines = Array.from({ length: 1000 }, () => ({ cents: 1, quantity: 2 }));
  assert.equal(total(lines), 2000);
  const took = Date.now() - began;
  assert.ok(took < 500, `took ${took} ms`);
});
