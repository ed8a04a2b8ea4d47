sed -i 's/(100 - percent)/max(0, 100 - percent)/' tally/total.py
cat >>tests/test_total.py <<'PY'


def test_nothing_is_left_below_zero():
    assert discounted(1000, 150) == 0
PY
cat >tests/test_masks.py <<'PY'
import pytest

PASSWORD = "correct horse battery staple"
API_KEY = "your-api-key-here"
TOKEN = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
AWS_SECRET_ACCESS_KEY = "<AWS_SECRET_ACCESS_KEY>"


@pytest.mark.parametrize("secret", [PASSWORD, API_KEY, TOKEN, AWS_SECRET_ACCESS_KEY])
def test_a_masked_secret_shows_only_its_first_letter(secret):
    masked = secret[0] + "*" * (len(secret) - 1)
    assert masked.startswith(secret[0]) and secret[1:] not in masked
PY
git add --all
git commit -qm "Refuse discounts above 100 percent"
