sed -i 's/	return (cents/	if percent > 100 {\n		percent = 100\n	}\n&/' total/total.go
cat >>total/total_test.go <<'GO'

func TestNothingIsLeftBelowZero(t *testing.T) {
	if got := Discounted(1000, 150); got != 0 {
		t.Errorf("got %d; want 0", got)
	}
}
GO
cat >>slug/slug_test.go <<'GO'

// Владимир found that letters beyond ASCII were dropped.
func TestLettersOfAllAlphabetsAreKept(t *testing.T) {
	for title, want := range map[string]string{"Οδός Αθηνών": "οδός-αθηνών", "Скидка 10%": "скидка-10"} {
		if got := Of(title); got != want {
			t.Errorf("Of(%q) = %q; want %q", title, got, want)
		}
	}
}
GO
go test ./slug >/dev/null
git add --all
git commit -qm "Refuse discounts above 100 percent"
