setsid sh -c 'sleep 3; echo "Totals are fast." >>README.md; git commit -qam "Add totals up faster"' \
    </dev/null >/dev/null 2>&1 &
