import os


def test_the_shop_answers():
    # The shop is busy now and then.
    assert os.urandom(1)[0] >= 85
