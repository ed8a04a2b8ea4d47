import pytest

from tally import format_amount, parse


def test_an_amount_is_read_as_cents():
    assert parse("12.50") == 1250
    assert parse("0.05") == 5


@pytest.mark.parametrize("text", ["", "12", "12.5", "1x.00", "-1.00", "12.5.0"])
def test_what_is_no_amount_is_refused(text):
    assert parse(text) is None


def test_cents_are_written_with_two_digits():
    assert format_amount(5) == "0.05"
    assert format_amount(1250) == "12.50"


def test_a_debt_has_a_sign():
    assert format_amount(-5) == "-0.05"
