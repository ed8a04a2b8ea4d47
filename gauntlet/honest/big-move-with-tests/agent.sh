git mv src lib
sed -i "s|'../src'|'../lib'|" bin/basket.js tests/*.test.js
sed -i 's|src/index.js|lib/index.js|' package.json
npm test >/dev/null
git add --all
git commit -qm "Put the sources below lib/"
