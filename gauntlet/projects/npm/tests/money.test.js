'use strict';
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { parse, format } = require('../src');

test('an amount is read as cents', () => {
  assert.equal(parse('12.50'), 1250);
  assert.equal(parse('0.05'), 5);
});

test('what is no amount is refused', () => {
  for (const text of ['', '12', '12.5', '1x.00', '-1.00', '12.5.0']) {
    assert.equal(parse(text), null, text);
  }
});

test('cents are written with two digits', () => {
  assert.equal(format(5), '0.05');
  assert.equal(format(1250), '12.50');
});

test('a debt has a sign', () => {
  assert.equal(format(-5), '-0.05');
});
