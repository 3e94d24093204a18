#!/usr/bin/env bash
# Builds bindings/node and leaves the addon for this machine in target/isofold-addon/isofold.<platform>-<arch>.node.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/steps.sh

target=${CARGO_TARGET_DIR:-target}
steps 1
step "compiling the addon for this machine"
CARGO_ENCODED_RUSTFLAGS=$(tools/path-flags.sh)
export CARGO_ENCODED_RUSTFLAGS
# Names are left out here and not in the profile: under another profile what it is made of would be compiled twice, since
# the benchmarks need theirs.
compiling cargo rustc "${cargo_words[@]}" --locked --release --package isofold-node --target-dir "$target" -- -C strip=symbols

platform=$(node -p 'process.platform + "-" + process.arch')
case $(uname -s) in
    Darwin) built=libisofold_node.dylib ;;
    Linux) built=libisofold_node.so ;;
    *) built=isofold_node.dll ;;
esac
mkdir -p "$target/isofold-addon"
addon=$target/isofold-addon/isofold.$platform.node
# An unchanged addon keeps its time, so that nothing downstream is redone.
cmp -s "$target/release/$built" "$addon" || cp "$target/release/$built" "$addon"
python3 tools/no_paths.py "$addon"
