python3 - <<'PY'
import pathlib, re
path = pathlib.Path("tests/money.rs")
text = path.read_text()
path.write_text(text[:text.index("\n#[test]\nfn a_debt_has_a_sign")])
path = pathlib.Path("src/money.rs")
text = path.read_text()
text = text.replace('    let sign = if cents < 0 { "-" } else { "" };\n', "").replace("{sign}", "").replace("cents.abs()", "cents")
path.write_text(text)
PY
cargo test --locked --quiet >/dev/null 2>&1
git add --all
git commit -qm "Debts are no amounts"
