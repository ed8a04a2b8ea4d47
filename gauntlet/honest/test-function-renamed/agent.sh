sed -i 's/test_half_a_cent_is_rounded_up/test_a_discount_rounds_half_a_cent_up/' tests/test_total.py
git add --all
git commit -qm "Say in the name of a test what is rounded"
