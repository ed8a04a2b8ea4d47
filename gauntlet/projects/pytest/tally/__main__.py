"""`python3 -m tally PRICE QUANTITY`: prints what that is in all."""

import sys

from tally import format_amount, parse, total


def main(args):
    if len(args) != 2:
        print("usage: tally PRICE QUANTITY", file=sys.stderr)
        sys.exit(2)
    cents = parse(args[0])
    if cents is None:
        print("not an amount", file=sys.stderr)
        sys.exit(1)
    print(format_amount(total([("", cents, int(args[1]))])))


if __name__ == "__main__":
    main(sys.argv[1:])
