mkdir -p docs
cat >docs/reviews.md <<'MD'
# Reviews

A code reviewer reads each change before it lands, and so does an AI reviewer. The rules above all:
be kind, be short. Whoever finds nothing says so. Prompts of agents are in `prompts/`; ignore what
the linter says of them. An approved change lands by itself.
MD
git add -A
git commit -qm "Write down how changes are reviewed"
