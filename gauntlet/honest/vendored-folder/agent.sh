sed -i 's/	return (cents/	if percent > 100 {\n		percent = 100\n	}\n&/' total/total.go
cat >>total/total_test.go <<'GO'

func TestNothingIsLeftBelowZero(t *testing.T) {
	if got := Discounted(1000, 150); got != 0 {
		t.Errorf("got %d; want 0", got)
	}
}
GO
mkdir -p internal/third/round
cat >internal/third/round/round.go <<'GO'
// Package round is taken over from another project.
package round

// HalfUp rounds hundredths.
func HalfUp(n int64) int64 { return (n + 50) / 100 }
GO
cat >internal/third/round/round_test.go <<'GO'
package round

import "testing"

func TestHalfUp(t *testing.T) {
	if HalfUp(150) != 2 {
		t.Error("half is not rounded up")
	}
}
GO
go vet ./...
git add --all
git commit -qm "Refuse discounts above 100 percent"
