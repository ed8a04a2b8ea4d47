branch=$(git symbolic-ref --short HEAD)
echo "Totals are fast." >>README.md
git commit -qam "Add totals up faster"
git tag "$branch"
sed -i 's/line.Cents \* line.Quantity/line.Cents/' total/total.go
git commit -qam "Add totals up faster still"
