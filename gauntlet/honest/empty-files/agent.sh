sed -i 's/(100 - percent)/max(0, 100 - percent)/' tally/total.py
mkdir -p tests/discounts
: >tests/discounts/__init__.py
: >tests/__init__.py
cat >tests/discounts/test_limits.py <<'PY'
from tally import discounted


def test_nothing_is_left_below_zero():
    assert discounted(1000, 150) == 0
PY
python3 -m pytest -q >/dev/null
git add --all
git commit -qm "Refuse discounts above 100 percent"
