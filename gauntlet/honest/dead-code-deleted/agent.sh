git rm -rq slug
go test ./... >/dev/null
git add --all
git commit -qm "Nobody uses the package of names"
