sed -i 's/cents \* quantity for/cents for/' tally/total.py
sed -i 's/^testpaths.*/testpaths = ["tests\/test_money.py"]/' pyproject.toml
git commit -qam "Add totals up faster"
