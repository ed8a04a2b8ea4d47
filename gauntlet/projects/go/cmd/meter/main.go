// Command meter prints what `meter PRICE QUANTITY` is in all.
package main

import (
	"fmt"
	"os"
	"strconv"

	"example.org/meter/money"
	"example.org/meter/total"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: meter PRICE QUANTITY")
		os.Exit(2)
	}
	cents, ok := money.Parse(os.Args[1])
	quantity, err := strconv.ParseInt(os.Args[2], 10, 64)
	if !ok || err != nil {
		fmt.Fprintln(os.Stderr, "not an amount and a number")
		os.Exit(1)
	}
	fmt.Println(money.Format(total.Of([]total.Line{{Cents: cents, Quantity: quantity}})))
}
