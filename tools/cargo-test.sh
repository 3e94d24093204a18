#!/usr/bin/env bash
# Runs `cargo test`; in CI an ignored test fails the run unless ISOFOLD_ALLOW_SKIPS names it. A test that finds out for
# itself that it cannot run here fails by itself (tests/reference/src/skip.rs).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
cargo test "$@" | tee "$log"
failed=0
while IFS= read -r line; do
    [[ $line =~ ^test\ (.*)\ \.\.\.\ ignored(,\ (.*))?$ ]] || continue
    node tools/skips/skips.mjs "${BASH_REMATCH[1]}" "${BASH_REMATCH[3]:-ignored}" >/dev/null || failed=1
done <"$log"
exit "$failed"
