"""What a basket costs."""


def total(lines):
    """Cents of all lines, each `(name, cents, quantity)`."""
    return sum(cents * quantity for _, cents, quantity in lines)


def discounted(cents, percent):
    """Cents that are left after a discount, rounded half up."""
    return (cents * (100 - percent) + 50) // 100
