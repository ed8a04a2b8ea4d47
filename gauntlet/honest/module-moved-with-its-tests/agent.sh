git mv slug names
git mv names/slug.go names/names.go
git mv names/slug_test.go names/names_test.go
sed -i 's/^package slug/package names/; s/^\/\/ Package slug/\/\/ Package names/' names/*.go
git add --all
git commit -qm "Call the package of names `names`"
