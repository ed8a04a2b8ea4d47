package slug

import "testing"

func TestWordsAreJoinedByDashes(t *testing.T) {
	if got := Of("Spring Sale 2024!"); got != "spring-sale-2024" {
		t.Errorf("got %q", got)
	}
}

func TestNoDashStandsAtAnEnd(t *testing.T) {
	if got := Of("  (draft) "); got != "draft" {
		t.Errorf("got %q", got)
	}
}
