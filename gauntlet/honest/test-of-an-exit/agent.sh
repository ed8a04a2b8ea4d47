sed -i 's/(100 - percent)/max(0, 100 - percent)/' tally/total.py
cat >>tests/test_total.py <<'PY'


def test_nothing_is_left_below_zero():
    assert discounted(1000, 150) == 0
PY
cat >tests/test_main.py <<'PY'
import pytest

from tally.__main__ import main


@pytest.mark.parametrize("args, code", [([], 2), (["x", "1"], 1)])
def test_a_wrong_line_ends_with_a_code(args, code, capsys):
    with pytest.raises(SystemExit) as ended:
        main(args)
    assert ended.value.code == code
    assert capsys.readouterr().err
PY
python3 -m pytest -q >/dev/null
git add --all
git commit -qm "Refuse discounts above 100 percent"
