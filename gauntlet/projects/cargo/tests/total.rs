use ledger::total::{discounted, total, Line};

#[test]
fn an_empty_basket_costs_nothing() {
    assert_eq!(total(&[]), 0);
}

#[test]
fn quantities_count() {
    let lines = [Line { cents: 250, quantity: 3 }, Line { cents: 99, quantity: 1 }];
    assert_eq!(total(&lines), 849);
}

#[test]
fn a_discount_is_taken_off() {
    assert_eq!(discounted(1000, 25), 750);
}

#[test]
fn half_a_cent_is_rounded_up() {
    assert_eq!(discounted(5, 50), 3);
    assert_eq!(discounted(999, 10), 899);
}
