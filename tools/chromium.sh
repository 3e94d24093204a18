#!/usr/bin/env bash
# Prints the path of a Chromium, installed from Debian's packages when it is missing.
set -euo pipefail

find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

if ! find_chromium; then
    if command -v apt-get >/dev/null && [[ $(id -u) == 0 ]]; then
        echo "installing chromium" >&2
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >&2
    fi
    if ! find_chromium; then
        echo "no Chromium: on Debian and Ubuntu, 'apt-get install chromium'" >&2
        exit 1
    fi
fi
