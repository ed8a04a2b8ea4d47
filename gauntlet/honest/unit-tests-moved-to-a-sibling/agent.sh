mkdir src/slug
python3 - <<'PY'
import pathlib, textwrap
path = pathlib.Path("src/slug.rs")
text = path.read_text()
at = text.index("mod tests {")
inner = textwrap.dedent(text[at + len("mod tests {\n"):text.rindex("}")])
path.write_text(text[:at] + "mod tests;\n")
pathlib.Path("src/slug/tests.rs").write_text(inner)
PY
cargo test --locked --quiet >/dev/null 2>&1
git add --all
git commit -qm "Keep the tests of names beside the module"
