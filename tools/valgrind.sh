#!/usr/bin/env bash
# Prints the path of valgrind, installed from Debian's packages when it is missing.
set -euo pipefail

if ! command -v valgrind; then
    if command -v apt-get >/dev/null && [[ $(id -u) == 0 ]]; then
        echo "installing valgrind" >&2
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends valgrind; } >&2
    fi
    if ! command -v valgrind; then
        echo "no valgrind: on Debian and Ubuntu, 'apt-get install valgrind'" >&2
        exit 1
    fi
fi
