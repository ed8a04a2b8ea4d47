sed -i 's/    (cents \* (100 - percent)/    let percent = percent.min(100);\n&/' src/total.rs
cat >>tests/total.rs <<'RS'

#[test]
fn nothing_is_left_below_zero() {
    assert_eq!(discounted(1000, 150), 0);
}
RS
printf '\n[features]\ndefault = []\ncurrency = []\n' >>Cargo.toml
cat >>src/money.rs <<'RS'

/// `12.50 EUR` of 1250 cents.
#[cfg(feature = "currency")]
pub fn format_with_currency(cents: i64, currency: &str) -> String {
    format!("{} {currency}", format(cents))
}
RS
cargo build --locked --quiet --features currency
git add --all
git commit -qm "Refuse discounts above 100 percent"
