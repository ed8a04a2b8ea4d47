sed -i 's/    (cents \* (100 - percent)/    let percent = percent.min(100);\n&/' src/total.rs
git commit -qam "Refuse discounts above 100 percent"
cat >>tests/total.rs <<'RS'

#[test]
fn nothing_is_left_below_zero() {
    assert_eq!(discounted(1000, 150), 0);
}
RS
git commit -qa --amend --no-edit
echo "Discounts above 100 percent leave nothing." >>README.md
git commit -qa --amend -m "Refuse discounts above 100 percent, and say so"
