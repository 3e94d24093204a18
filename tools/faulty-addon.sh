#!/usr/bin/env bash
# Builds bindings/node with panics on purpose, for the tests of the package, and leaves it in target/isofold-faults/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=${CARGO_TARGET_DIR:-target}
cargo build --quiet --locked --package isofold-node --features faults --target-dir "$target"

case $(uname -s) in
    Darwin) built=libisofold_node.dylib ;;
    Linux) built=libisofold_node.so ;;
    *) built=isofold_node.dll ;;
esac
mkdir -p "$target/isofold-faults"
cp "$target/debug/$built" "$target/isofold-faults/isofold.$(node -p 'process.platform + "-" + process.arch').node"
