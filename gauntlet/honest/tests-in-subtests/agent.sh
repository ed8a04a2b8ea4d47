sed -i 's/		if got, ok := Parse(text); ok {/		t.Run(text, func(t *testing.T) {\n			if got, ok := Parse(text); ok {/; s/			t.Errorf("Parse(%q) = %d; want a refusal", text, got)/				t.Errorf("Parse(%q) = %d; want a refusal", text, got)\n			}\n		})/' money/money_test.go
awk '/want a refusal/ { print; getline; print; getline; print; getline; next } { print }' money/money_test.go >m && mv m money/money_test.go
gofmt -l money | grep . && exit 1
go test ./money >/dev/null
git add --all
git commit -qm "Name the amounts in the tests"
