git mv tests/total.rs tests/basket.rs
git add --all
git commit -qm "Name the tests of totals after baskets"
