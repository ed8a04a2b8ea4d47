"""Amounts, totals and names of invoices."""

from tally.invoice import invoice
from tally.money import format_amount, parse
from tally.slug import slug
from tally.total import discounted, total

__all__ = ["discounted", "format_amount", "invoice", "parse", "slug", "total"]
