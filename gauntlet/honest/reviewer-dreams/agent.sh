sed -i 's/"""`12.50` of 1250 cents."""/"""`12.50` of 1250 cents, and `-12.50` of -1250."""/' tally/money.py
git commit -qam "Say what a negative amount looks like"
