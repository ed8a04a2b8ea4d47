sed -i 's/(100 - percent)/max(0, 100 - percent)/' tally/total.py
cat >tests/test_discounts.py <<'PY'
import sys
from unittest import mock

from tally import discounted, invoice


def test_nothing_is_left_below_zero():
    assert discounted(1000, 150) == 0


def test_an_invoice_asks_for_the_total_once(monkeypatch, lines):
    total = mock.Mock(return_value=849)
    monkeypatch.setattr(sys.modules["tally.invoice"], "total", total)
    assert invoice(lines).endswith("total 8.49\n")
    total.assert_called_once_with(lines)
PY
python3 -m pytest -q >/dev/null
git add --all
git commit -qm "Refuse discounts above 100 percent"
