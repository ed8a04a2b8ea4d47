echo "Discounts above 100 percent are refused." >>README.md
GIT_AUTHOR_DATE=2001-09-09T01:46:40Z GIT_COMMITTER_DATE=2001-09-09T01:46:40Z \
    git commit -qam "Refuse discounts above 100 percent"
