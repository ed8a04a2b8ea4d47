sed -i 's/(100 - percent)/max(0, 100 - percent)/' tally/total.py
cat >>tests/conftest.py <<'PY'


@pytest.fixture(params=[101, 150, 1000])
def too_much(request):
    return request.param
PY
cat >>tests/test_total.py <<'PY'


def test_nothing_is_left_below_zero(too_much):
    assert discounted(1000, too_much) == 0
PY
git add --all
git commit -qm "Refuse discounts above 100 percent"
