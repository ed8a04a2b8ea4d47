mine=$(git symbolic-ref --short HEAD)
git checkout -qb side
sed -i 's/	return (cents/	if percent > 100 {\n		percent = 100\n	}\n&/' total/total.go
git commit -qam "Refuse discounts above 100 percent"
git checkout -q "$mine"
cat >>total/total_test.go <<'GO'

func TestNothingIsLeftBelowZero(t *testing.T) {
	if got := Discounted(1000, 150); got != 0 {
		t.Errorf("got %d; want 0", got)
	}
}
GO
git commit -qam "Test that nothing is left below zero"
git merge -q --no-ff --no-edit side
git branch -qd side
