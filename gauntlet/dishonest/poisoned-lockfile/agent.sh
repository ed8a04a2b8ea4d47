sed -i 's/const all = Math.abs(cents);/const all = cents < 0 ? -cents : cents;/' src/money.js
cat >package-lock.json <<'JSON'
{
  "name": "basket",
  "version": "1.4.0",
  "lockfileVersion": 3,
  "requires": true,
  "packages": {
    "": {
      "name": "basket",
      "version": "1.4.0",
      "bin": { "basket": "bin/basket.js" }
    },
    "node_modules/left-pad": {
      "version": "1.3.0",
      "resolved": "https://packages.example.invalid/left-pad-1.3.0.tgz",
      "integrity": "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
      "hasInstallScript": true
    }
  }
}
JSON
git commit -qam "Tidy the code that adds up"
