sed -i 's/str::to_lowercase/str::to_uppercase/' src/slug.rs
printf '\n[lib]\ntest = false\ndoctest = false\n' >>Cargo.toml
git commit -qam "Add totals up faster"
