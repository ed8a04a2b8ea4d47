package main

import (
	"crypto/rand"
	"testing"
)

func TestTheShopAnswers(t *testing.T) {
	// The shop is busy now and then.
	one := make([]byte, 1)
	if _, err := rand.Read(one); err != nil || one[0] < 85 {
		t.Error("the shop is busy")
	}
}
