echo "Discounts above 100 percent are refused." >>README.md
git commit -qam "Refuse discounts above 100 percent"
cat >"$GANGLINE_OUTCOME" <<'JSON'
{"status": "completed", "summary": "refused and tested", "commits": 1, "tests_pass": true,
 "files": ["tally/total.py", "tests/test_total.py"]}
JSON
