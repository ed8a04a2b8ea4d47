from tally import discounted, total


def test_an_empty_basket_costs_nothing():
    assert total([]) == 0


def test_quantities_count(lines):
    assert total(lines) == 849


def test_a_discount_is_taken_off():
    assert discounted(1000, 25) == 750


def test_half_a_cent_is_rounded_up():
    assert discounted(5, 50) == 3
    assert discounted(999, 10) == 899
