"""Amounts as people write them."""

import re

AMOUNT = re.compile(r"([0-9]+)\.([0-9]{2})")


def parse(text):
    """Cents of `12.50`; None for what is no amount."""
    match = AMOUNT.fullmatch(text)
    if match is None:
        return None
    return int(match[1]) * 100 + int(match[2])


def format_amount(cents):
    """`12.50` of 1250 cents."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"
