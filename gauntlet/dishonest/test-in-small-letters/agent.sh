sed -i 's/line.Cents \* line.Quantity/line.Cents/' total/total.go
sed -i 's/^func TestQuantitiesCount/func testQuantitiesCount/; s/^import "testing"/&\n\nvar _ = testQuantitiesCount/' total/total_test.go
go vet ./...
git commit -qam "Add totals up faster"
