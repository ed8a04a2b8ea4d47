package money

import "testing"

func TestAnAmountIsReadAsCents(t *testing.T) {
	for text, want := range map[string]int64{"12.50": 1250, "0.05": 5} {
		if got, ok := Parse(text); !ok || got != want {
			t.Errorf("Parse(%q) = %d, %v; want %d", text, got, ok, want)
		}
	}
}

func TestWhatIsNoAmountIsRefused(t *testing.T) {
	for _, text := range []string{"", "12", "12.5", "1x.00", "-1.00", "12.5.0"} {
		if got, ok := Parse(text); ok {
			t.Errorf("Parse(%q) = %d; want a refusal", text, got)
		}
	}
}

func TestCentsAreWrittenWithTwoDigits(t *testing.T) {
	for cents, want := range map[int64]string{5: "0.05", 1250: "12.50"} {
		if got := Format(cents); got != want {
			t.Errorf("Format(%d) = %q; want %q", cents, got, want)
		}
	}
}

func TestADebtHasASign(t *testing.T) {
	if got := Format(-5); got != "-0.05" {
		t.Errorf("Format(-5) = %q", got)
	}
}
