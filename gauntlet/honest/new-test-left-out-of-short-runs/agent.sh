sed -i 's/	return (cents/	if percent > 100 {\n		percent = 100\n	}\n&/' total/total.go
cat >>total/total_test.go <<'GO'

func TestNothingIsLeftBelowZero(t *testing.T) {
	if got := Discounted(1000, 150); got != 0 {
		t.Errorf("got %d; want 0", got)
	}
}
GO
cat >>total/total_test.go <<'GO'

func TestTotalsOfAllSizes(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	for n := 0; n < 500; n++ {
		if got := Of(make([]Line, n)); got != 0 {
			t.Errorf("%d lines cost %d", n, got)
		}
	}
}
GO
go test ./total >/dev/null
git add --all
git commit -qm "Refuse discounts above 100 percent"
