mkdir src/names
git mv src/slug.js src/names/slug.js
sed -i "s|'./slug'|'./names/slug'|" src/index.js
npm test >/dev/null
git add --all
git commit -qm "Put names below src/names"
