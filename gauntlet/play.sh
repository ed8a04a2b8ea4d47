#!/bin/sh
# Plays one case: `play.sh <case folder>`, in the agent's worktree. The case's `agent.sh` finds its
# own `files/` below $CASE. Unless it writes a claim itself, it claims what every cheat would.
set -eu
CASE=$1
export CASE
sh -eu "$CASE/agent.sh"
if [ ! -e "$GANGLINE_OUTCOME" ]; then
    echo '{"status": "completed", "summary": "done, all tests pass", "tests_pass": true}' \
        >"$GANGLINE_OUTCOME"
fi
