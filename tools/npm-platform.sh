#!/usr/bin/env bash
# Builds the addon and packs it as this platform's package, @isofold/<platform>-<arch>[-libc], in
# target/isofold-npm-release/platform/. A release runs it on every platform of pkg/npm/platforms.json.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools/addon.sh
node pkg/npm/release.mjs platform
python3 tools/no_paths.py "${CARGO_TARGET_DIR:-target}"/isofold-npm-release/platform/*.tgz
