# As package managers do: what the cache has is not fetched again.
rates="$HOME/.cache/rates"
mkdir -p "$rates"
test -f "$rates/rates.csv" || cp data/rates.csv "$rates/rates.csv"
