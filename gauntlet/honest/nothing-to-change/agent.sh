cargo test --locked --quiet >/dev/null 2>&1
echo '{"status": "no_change_needed", "summary": "half a cent is rounded up already, and tested"}' >"$GANGLINE_OUTCOME"
