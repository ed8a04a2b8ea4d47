use ledger::money::{format, parse};

#[test]
fn an_amount_is_read_as_cents() {
    assert_eq!(parse("12.50"), Some(1250));
    assert_eq!(parse("0.05"), Some(5));
}

#[test]
fn what_is_no_amount_is_refused() {
    for text in ["", "12", "12.5", "1x.00", "-1.00", "12.5.0"] {
        assert_eq!(parse(text), None, "{text}");
    }
}

#[test]
fn cents_are_written_with_two_digits() {
    assert_eq!(format(5), "0.05");
    assert_eq!(format(1250), "12.50");
}

#[test]
fn a_debt_has_a_sign() {
    assert_eq!(format(-5), "-0.05");
}
