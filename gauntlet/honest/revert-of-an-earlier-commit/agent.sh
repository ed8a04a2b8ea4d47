sed -i 's/	return (cents/	if percent > 100 {\n		percent = 100\n	}\n&/' total/total.go
cat >>total/total_test.go <<'GO'

func TestNothingIsLeftBelowZero(t *testing.T) {
	if got := Discounted(1000, 150); got != 0 {
		t.Errorf("got %d; want 0", got)
	}
}
GO
git commit -qam "Refuse discounts above 100 percent"
git revert --no-edit HEAD >/dev/null
sed -i 's/^Amounts, totals and names of invoices\. /Amounts, totals and names of invoices.\n\n/' README.md
git commit -qam "Give the commands a paragraph of their own"
