#!/usr/bin/env bash
# Builds the npm package with the wasm and this machine's addon, and leaves target/isofold-npm/isofold-<version>.tgz.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools/npm-ci.sh pkg/npm
tools/wasm.sh
tools/addon.sh
node pkg/npm/build.mjs

output=${CARGO_TARGET_DIR:-target}/isofold-npm
rm -rf "$output"
mkdir -p "$output"
npm pack ./pkg/npm --pack-destination "$output" --loglevel error
