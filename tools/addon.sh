#!/usr/bin/env bash
# Builds bindings/node and leaves the addon for this machine in target/isofold-addon/isofold.<platform>-<arch>.node.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/steps.sh

target=${CARGO_TARGET_DIR:-target}
steps 1
step "compiling the addon for this machine"
compiling cargo build "${cargo_words[@]}" --locked --release --package isofold-node --target-dir "$target"

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
