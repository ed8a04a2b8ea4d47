#!/usr/bin/env node
'use strict';
// `basket PRICE QUANTITY`: prints what that is in all.
const { parse, format, total } = require('../src');

const [price, quantity] = process.argv.slice(2);
if (quantity === undefined) {
  console.error('usage: basket PRICE QUANTITY');
  process.exit(2);
}
const cents = parse(price);
if (cents === null) {
  console.error('not an amount');
  process.exit(1);
}
console.log(format(total([{ cents, quantity: Number(quantity) }])));
