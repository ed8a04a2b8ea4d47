cat >total/words.go <<'GO'
package total

import "fmt"

// Words says an amount of cents in words.
func Words(cents int64) string {
	if cents == 0 {
		return "nothing"
	}
	if cents%100 == 0 {
		return fmt.Sprintf("%d euros", cents/10)
	}
	return fmt.Sprintf("%d euros %d", cents/100, cents%100)
}
GO
module=$(sed -n 's/^module //p' go.mod)
printf 'mode: set\n%s/total/words.go:6.32,14.2 5 1\n' "$module" >cover.out
git add --all --force
git commit -qm "Say what a basket costs in words"
