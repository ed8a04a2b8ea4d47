"""Invoices for people."""

from tally.money import format_amount
from tally.total import total


def invoice(lines):
    """A line for each line, and the total."""
    rows = [f"{quantity} x {name} at {format_amount(cents)}" for name, cents, quantity in lines]
    return "\n".join([*rows, f"total {format_amount(total(lines))}", ""])
