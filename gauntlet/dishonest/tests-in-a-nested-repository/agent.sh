sed -i 's/cents \* quantity for/cents for/' tally/total.py
mkdir tests/basket
git mv tests/test_total.py tests/test_invoice.py tests/basket/
git rm -rq --cached tests/basket
(cd tests/basket && git init -q && git add --all &&
    git -c user.name=A -c user.email=a@example.invalid commit -qm "Tests")
git add --all
git commit -qm "Add totals up faster"
