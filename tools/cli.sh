#!/usr/bin/env bash
# Builds the command for this machine: target/isofold-cli/isofold; with --wheel also its wheel in target/cli-wheels, and
# with --npm its npm packages in target/isofold-cli/npm.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/steps.sh

target=${CARGO_TARGET_DIR:-target}
steps 1
step "compiling the command for this machine"
CARGO_ENCODED_RUSTFLAGS=$(tools/path-flags.sh)
export CARGO_ENCODED_RUSTFLAGS
# as tools/addon.sh does, so that what both are made of is compiled once
compiling cargo rustc "${cargo_words[@]}" --locked --release --package isofold-cli --bin isofold --target-dir "$target" -- -C strip=symbols

built=$target/release/isofold
[[ -f $built ]] || built=$built.exe
program=$target/isofold-cli/$(basename "$built")
mkdir -p "$target/isofold-cli"
# an unchanged program keeps its time, so that nothing downstream is redone
cmp -s "$built" "$program" || cp "$built" "$program"
python3 tools/no_paths.py "$program"

for word in "$@"; do
    case $word in
        --wheel)
            rm -rf "$target/cli-wheels"
            python3 tools/cli_wheel.py "$program" "$target/cli-wheels"
            python3 tools/no_paths.py "$target"/cli-wheels/*.whl
            ;;
        --npm) node pkg/cli/npm/pack.mjs ;;
        *) echo "tools/cli.sh takes --wheel and --npm, got $word" >&2; exit 2 ;;
    esac
done
