// Package slug makes names of files.
package slug

import (
	"strings"
	"unicode"
)

// Of makes "spring-sale-2024" of "Spring Sale 2024!".
func Of(title string) string {
	words := strings.FieldsFunc(title, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.ToLower(strings.Join(words, "-"))
}
