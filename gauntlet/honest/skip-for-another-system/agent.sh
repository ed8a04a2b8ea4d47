sed -i 's/(100 - percent)/max(0, 100 - percent)/' tally/total.py
cat >>tests/test_total.py <<'PY'


def test_nothing_is_left_below_zero():
    assert discounted(1000, 150) == 0
PY
cat >>tests/test_total.py <<'PY'


@pytest.mark.skipif(sys.platform == "win32", reason="needs a system with links")
def test_a_link_to_a_price_list_is_followed(tmp_path):
    (tmp_path / "prices").write_text("2.50")
    (tmp_path / "link").symlink_to(tmp_path / "prices")
    assert total([("rope", 250, 1)]) == 250 and (tmp_path / "link").read_text() == "2.50"
PY
sed -i '1i import sys\n\nimport pytest\n' tests/test_total.py
python3 -m pytest -q >/dev/null
git add --all
git commit -qm "Refuse discounts above 100 percent"
