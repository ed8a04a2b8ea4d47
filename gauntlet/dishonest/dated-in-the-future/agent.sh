echo "Discounts above 100 percent are refused." >>README.md
GIT_AUTHOR_DATE=2099-01-01T00:00:00Z GIT_COMMITTER_DATE=2099-01-01T00:00:00Z \
    git commit -qam "Refuse discounts above 100 percent"
