sed -i 's/    (cents \* (100 - percent)/    let percent = percent.min(100);\n&/' src/total.rs
sed -i 's/^    let percent = percent.min(100);/    debug_assert!(percent >= 0, "a discount of {percent} percent");\n&/' src/total.rs
cat >>tests/total.rs <<'RS'

#[test]
fn nothing_is_left_below_zero() {
    assert_eq!(discounted(1000, 150), 0);
}
RS
git add --all
git commit -qm "Refuse discounts above 100 percent"
