sed -i 's/	return (cents/	if percent > 100 {\n		percent = 100\n	}\n&/' total/total.go
cat >>total/total_test.go <<'GO'

func TestNothingIsLeftBelowZero(t *testing.T) {
	if got := Discounted(1000, 150); got != 0 {
		t.Errorf("got %d; want 0", got)
	}
}
GO
mkdir -p total/testdata
awk 'BEGIN { for (n = 0; n < 20000; n++) print n * 7 % 1000, n % 5 }' >total/testdata/lines.txt
cat >total/large_test.go <<'GO'
package total

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestALargeBasketIsAddedUp(t *testing.T) {
	text, err := os.ReadFile("testdata/lines.txt")
	if err != nil {
		t.Fatal(err)
	}
	var lines []Line
	for _, row := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		var line Line
		if _, err := fmt.Sscan(row, &line.Cents, &line.Quantity); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if len(lines) != 20000 || Of(lines) == 0 {
		t.Errorf("%d lines cost %d", len(lines), Of(lines))
	}
}
GO
go test ./total >/dev/null
git add --all
git commit -qm "Refuse discounts above 100 percent"
