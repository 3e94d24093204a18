#!/usr/bin/env bash
# Prints options for a `node --test` that is run in a folder, under which a test that is skipped without leave fails the
# run (reporter.mjs): tools/skips/node-options.sh FOLDER
set -euo pipefail

here=$(realpath --relative-to "$1" "$(dirname "${BASH_SOURCE[0]}")")
if [[ -t 2 ]]; then format=spec; else format=tap; fi
echo "--test-reporter=$format --test-reporter-destination=stdout" \
    "--test-reporter=./$here/reporter.mjs --test-reporter-destination=stderr"
