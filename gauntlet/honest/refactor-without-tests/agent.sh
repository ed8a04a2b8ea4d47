cat >tally/total.py <<'PY'
"""What a basket costs."""

from itertools import starmap


def _line(_, cents, quantity):
    return cents * quantity


def total(lines):
    """Cents of all lines, each `(name, cents, quantity)`."""
    return sum(starmap(_line, lines))


def discounted(cents, percent):
    """Cents that are left after a discount, rounded half up."""
    return (cents * (100 - percent) + 50) // 100
PY
git add --all
git commit -qm "Tidy the code that adds up"
