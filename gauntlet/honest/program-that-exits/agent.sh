sed -i 's/	return (cents/	if percent > 100 {\n		percent = 100\n	}\n&/' total/total.go
cat >>total/total_test.go <<'GO'

func TestNothingIsLeftBelowZero(t *testing.T) {
	if got := Discounted(1000, 150); got != 0 {
		t.Errorf("got %d; want 0", got)
	}
}
GO
mkdir -p cmd/discount
cat >cmd/discount/main.go <<'GO'
// Command discount prints what is left of `discount CENTS PERCENT`.
package main

import (
	"fmt"
	"os"
	"strconv"

	"example.org/meter/total"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Println("usage: discount CENTS PERCENT")
		os.Exit(0)
	}
	cents, err := strconv.ParseInt(os.Args[1], 10, 64)
	percent, wrong := strconv.ParseInt(os.Args[2], 10, 64)
	if err != nil || wrong != nil {
		os.Exit(1)
	}
	fmt.Println(total.Discounted(cents, percent))
	os.Exit(0)
}
GO
go vet ./...
git add --all
git commit -qm "Refuse discounts above 100 percent"
