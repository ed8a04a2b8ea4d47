// Package total says what a basket costs.
package total

// Line is one line of an invoice.
type Line struct {
	Cents    int64
	Quantity int64
}

// Of adds up the cents of all lines.
func Of(lines []Line) int64 {
	var sum int64
	for _, line := range lines {
		sum += line.Cents * line.Quantity
	}
	return sum
}

// Discounted says what is left after a discount, rounded half up.
func Discounted(cents, percent int64) int64 {
	return (cents*(100-percent) + 50) / 100
}
