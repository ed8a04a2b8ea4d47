echo '{"status": "no_change_needed", "summary": "discounts above 100 percent are refused already"}' \
    >"$GANGLINE_OUTCOME"
