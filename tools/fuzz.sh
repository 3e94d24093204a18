#!/usr/bin/env bash
# Fuzzes one door of the kernel, beginning with what the vectors send through it: tools/fuzz.sh decode 60; or each door
# after the other, for so many seconds each: tools/fuzz.sh all 600. Sets up the compiler and cargo-fuzz where they are missing.
# What fails is kept in tests/fuzz/artifacts; once understood it belongs in tests/fuzz/failed/<target>/, which
# `cargo test` replays.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

names=$(cd tests/fuzz/targets && basename --suffix .rs -- *.rs | paste --serial --delimiters ' ')
target=${1:?a target is wanted: $names}
seconds=${2:?how many seconds, after the target}
if [[ $target == all ]]; then
    targets=$names
elif [[ -f tests/fuzz/targets/$target.rs ]]; then
    targets=$target
else
    echo "no target is called $target, there are: $names, or all of them" >&2
    exit 2
fi
if ! cargo +nightly --version >/dev/null 2>&1; then
    echo "installing a nightly compiler" >&2
    if ! rustup toolchain install nightly --profile minimal >&2; then
        echo "no nightly compiler, which fuzzers need: with a network, 'rustup toolchain install nightly'" >&2
        exit 1
    fi
fi
if ! cargo fuzz --version >/dev/null 2>&1; then
    echo "installing cargo-fuzz" >&2
    if ! cargo install --quiet --locked cargo-fuzz >&2; then
        echo "no cargo-fuzz: with a network, 'cargo install cargo-fuzz --locked'" >&2
        exit 1
    fi
fi

cargo run --quiet --locked --package isofold-conformance -- seeds tests/fuzz/corpus
cd tests/fuzz
# A result may have ten million rows: what takes long or much memory is looked at by the budgets, not here.
for target in $targets; do
    echo "fuzzing $target for $seconds seconds" >&2
    cargo +nightly fuzz run --fuzz-dir . "$target" -- -max_total_time="$seconds" -dict=words.dict -max_len=16384 \
        -timeout=60 -rss_limit_mb=4096 -print_final_stats=1
done
