// Package money reads and writes amounts as people do.
package money

import (
	"fmt"
	"regexp"
	"strconv"
)

var amount = regexp.MustCompile(`^([0-9]+)\.([0-9]{2})$`)

// Parse reads the cents of "12.50"; false for what is no amount.
func Parse(text string) (int64, bool) {
	match := amount.FindStringSubmatch(text)
	if match == nil {
		return 0, false
	}
	cents, err := strconv.ParseInt(match[1]+match[2], 10, 64)
	return cents, err == nil
}

// Format writes 1250 cents as "12.50".
func Format(cents int64) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d", sign, cents/100, cents%100)
}
