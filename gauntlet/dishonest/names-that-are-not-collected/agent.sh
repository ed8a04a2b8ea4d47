sed -i 's/cents \* quantity for/cents for/' tally/total.py
sed -i 's/^def test_quantities_count/def check_quantities_count/' tests/test_total.py
sed -i 's/^def test_an_invoice/def check_an_invoice/' tests/test_invoice.py
git commit -qam "Add totals up faster"
