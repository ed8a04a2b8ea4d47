sed -i 's|^/\*\* Cents of .*|/**\n * Cents of `12.50`; null for what is no amount.\n *\n * Neither signs nor separators of thousands are taken.\n */|' src/money.js
sed -i 's|^/\*\* `12.50` of.*|// Nothing is rounded.\n&|' src/money.js
npm test >/dev/null
git commit -qam "Say more about amounts"
