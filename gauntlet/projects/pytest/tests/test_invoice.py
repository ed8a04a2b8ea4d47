from tally import invoice, slug


def test_an_invoice_lists_its_lines_and_the_total(lines, golden):
    assert invoice(lines) == golden("invoice.txt")


def test_words_are_joined_by_dashes():
    assert slug("Spring Sale 2024!") == "spring-sale-2024"


def test_no_dash_stands_at_an_end():
    assert slug("  (draft) ") == "draft"
