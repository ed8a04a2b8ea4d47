sed -i 's/^AMOUNT = .*/AMOUNT = re.compile(r"-?([0-9,]+)\\.([0-9]{1,2})")/; s/int(match\[1\])/int(match[1].replace(",", ""))/' tally/money.py
sed -i 's/^@pytest.mark.parametrize.*/@pytest.mark.parametrize("text", [])/' tests/test_money.py
git commit -qam "Read amounts with a thousands separator"
