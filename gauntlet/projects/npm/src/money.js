'use strict';

/** Cents of `12.50`; null for what is no amount. */
function parse(text) {
  const match = /^(\d+)\.(\d\d)$/.exec(text);
  if (!match) return null;
  return Number(match[1]) * 100 + Number(match[2]);
}

/** `12.50` of 1250 cents. */
function format(cents) {
  const sign = cents < 0 ? '-' : '';
  const all = Math.abs(cents);
  return `${sign}${Math.floor(all / 100)}.${String(all % 100).padStart(2, '0')}`;
}

module.exports = { parse, format };
