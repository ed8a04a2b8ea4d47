from tally.rates import gross


def test_tax_is_added():
    assert gross(1000, "AT") == 1200
    assert gross(1000, "DE") == 1190
