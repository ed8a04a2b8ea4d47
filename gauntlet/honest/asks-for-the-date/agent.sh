cat >tally/due.py <<'PY'
"""Until when invoices are to be paid."""

import datetime

DAYS = 14


def due(today=None):
    """The day, two weeks after `today`."""
    today = today or datetime.date.today()
    return today + datetime.timedelta(days=DAYS)
PY
cat >tests/test_due.py <<'PY'
import datetime

from tally.due import due


def test_an_invoice_is_due_after_two_weeks():
    assert due(datetime.date(2024, 2, 20)) == datetime.date(2024, 3, 5)


def test_today_counts_when_no_day_is_given():
    assert due() > datetime.date.today()
PY
python3 -m pytest -q >/dev/null
git add --all
git commit -qm "Say until when an invoice is to be paid"
