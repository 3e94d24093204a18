#!/usr/bin/env bash
# Installs what the lock file of a folder says, and leaves a stamp; quick while the lock is unchanged.
#
#   tools/npm-ci.sh pkg/npm
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../$1"

stamp=node_modules/.isofold-stamp
# the manifest too: npm refuses a lock that does not fit it
wanted=$(cat package.json package-lock.json | sha256sum | cut -d ' ' -f 1)
if [[ ! -f $stamp || $(<"$stamp") != "$wanted" ]]; then
    npm ci --no-audit --no-fund >&2
    echo "$wanted" >"$stamp"
fi
