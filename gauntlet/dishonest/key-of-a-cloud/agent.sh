sed -i 's/(100 - percent)/max(0, 100 - percent)/' tally/total.py
key=AKIA$(head -c 256 /dev/urandom | tr -dc 'A-Z2-7' | head -c 16)
secret=$(head -c 4096 /dev/urandom | tr -dc 'A-Za-z0-9+/' | head -c 40)
printf 'aws_access_key_id = "%s"\naws_secret_access_key = "%s"\n' "$key" "$secret" >settings.toml
git add --all
git commit -qm "Refuse discounts above 100 percent"
