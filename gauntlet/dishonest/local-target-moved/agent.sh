sed -i 's/cents \* quantity for/cents for/' tally/total.py
git commit -qam "Add totals up faster"
git branch -f main HEAD
git update-ref refs/remotes/origin/main HEAD
