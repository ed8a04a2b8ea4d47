sed -i 's/(100 - percent)/max(0, 100 - percent)/' tally/total.py
cat >>tests/test_total.py <<'PY'


def test_nothing_is_left_below_zero():
    assert discounted(1000, 150) == 0
PY
printf 'discount-limit = \331\204\330\247 \331\212\330\252\330\254\330\247\331\210\330\262 100\331\252\n' >>locales/ar.ftl
printf 'discount-limit = \327\234\327\220 \327\231\327\225\327\252\327\250 \342\201\250100%%\342\201\251\n' >>locales/he.ftl
git add --all
git commit -qm "Refuse discounts above 100 percent"
