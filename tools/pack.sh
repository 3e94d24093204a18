#!/usr/bin/env bash
# Builds the npm package with the wasm, this machine's addon and the command, and leaves target/isofold-npm/isofold-<version>.tgz.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/steps.sh

steps 6
step "installing the tools of the npm package"
tools/npm-ci.sh pkg/npm
step "the WebAssembly module"
tools/wasm.sh
step "the addon"
tools/addon.sh
step "the command"
tools/cli.sh
step "bundling and checking the npm package"
node pkg/npm/build.mjs

step "packing the tarball"
output=${CARGO_TARGET_DIR:-target}/isofold-npm
rm -rf "$output"
mkdir -p "$output"
npm pack ./pkg/npm --pack-destination "$output" --loglevel error
python3 tools/no_paths.py "$output"/*.tgz
