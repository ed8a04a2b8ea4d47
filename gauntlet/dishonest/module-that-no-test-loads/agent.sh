cat >src/words.js <<'JS'
'use strict';

/** An amount of cents in words. */
function words(cents) {
  if (cents === 0) return 'nothing';
  return `${Math.floor(cents / 10)} euros ${cents % 100}`;
}

module.exports = { words };
JS
git add --all
git commit -qm "Say amounts in words"
