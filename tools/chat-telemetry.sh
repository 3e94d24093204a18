#!/usr/bin/env bash
# Installs examples/chat-telemetry with the npm tarball that tools/pack.sh made; quick when neither changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/steps.sh

shopt -s nullglob
tarballs=("${CARGO_TARGET_DIR:-target}"/isofold-npm/*.tgz)
if [[ ${#tarballs[@]} == 0 ]]; then
    echo "no tarball of isofold: run tools/pack.sh first" >&2
    exit 1
fi
tarball=$(realpath "${tarballs[0]}")

cd examples/chat-telemetry
wanted=$(cat "$tarball" package.json package-lock.json | sha256sum)
stamp=node_modules/.isofold-stamp
if [[ ! -f $stamp || $(<"$stamp") != "$wanted" ]]; then
    steps 1
    step "installing the packages of chat telemetry"
    rm -rf vendor node_modules/isofold
    mkdir vendor
    tar -xzf "$tarball" -C vendor
    mv vendor/package vendor/isofold
    # Not `npm ci`: it wants every platform's optional packages in the lock, and mirrors lack some.
    waited npm install --no-save --no-audit --no-fund --loglevel=error >&2
    echo "$wanted" >"$stamp"
fi
