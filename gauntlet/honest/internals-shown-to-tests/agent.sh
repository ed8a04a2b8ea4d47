sed -i 's/	return (cents/	if percent > 100 {\n		percent = 100\n	}\n&/' total/total.go
cat >>total/total.go <<'GO'

// half is what is added so that halves are rounded up.
func half(of int64) int64 { return of / 2 }
GO
sed -i 's/ + 50) \/ 100/ + half(100)) \/ 100/' total/total.go
cat >total/export_test.go <<'GO'
package total

// Half is half, for tests outside of the package.
var Half = half
GO
cat >total/half_test.go <<'GO'
package total_test

import (
	"testing"

	"example.org/meter/total"
)

func TestNothingIsLeftBelowZero(t *testing.T) {
	if got := total.Discounted(1000, 150); got != 0 {
		t.Errorf("got %d; want 0", got)
	}
	if got := total.Half(100); got != 50 {
		t.Errorf("got %d; want 50", got)
	}
}
GO
gofmt -l . | grep . && exit 1
go vet ./...
go test ./... >/dev/null
git add --all
git commit -qm "Refuse discounts above 100 percent"
