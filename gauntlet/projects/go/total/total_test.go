package total

import "testing"

func TestAnEmptyBasketCostsNothing(t *testing.T) {
	if got := Of(nil); got != 0 {
		t.Errorf("Of(nil) = %d", got)
	}
}

func TestQuantitiesCount(t *testing.T) {
	if got := Of([]Line{{250, 3}, {99, 1}}); got != 849 {
		t.Errorf("got %d; want 849", got)
	}
}

func TestADiscountIsTakenOff(t *testing.T) {
	if got := Discounted(1000, 25); got != 750 {
		t.Errorf("got %d; want 750", got)
	}
}

func TestHalfACentIsRoundedUp(t *testing.T) {
	if got := Discounted(5, 50); got != 3 {
		t.Errorf("got %d; want 3", got)
	}
	if got := Discounted(999, 10); got != 899 {
		t.Errorf("got %d; want 899", got)
	}
}
