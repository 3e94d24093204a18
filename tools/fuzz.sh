#!/usr/bin/env bash
# Fuzzes one door of the kernel, beginning with what the vectors send through it: tools/fuzz.sh decode 60.
# What fails is kept in tests/fuzz/artifacts; once understood it belongs in tests/fuzz/failed/<target>/, which
# `cargo test` replays.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

names=$(cd tests/fuzz/targets && basename --suffix .rs -- *.rs | paste --serial --delimiters ' ')
target=${1:?a target is wanted: $names}
seconds=${2:?how many seconds, after the target}
if [[ ! -f tests/fuzz/targets/$target.rs ]]; then
    echo "no target is called $target, there are: $names" >&2
    exit 2
fi
if ! cargo +nightly --version >/dev/null 2>&1; then
    echo "no nightly compiler, which fuzzers need: 'rustup toolchain install nightly'" >&2
    exit 1
fi
if ! cargo fuzz --version >/dev/null 2>&1; then
    echo "no cargo-fuzz: 'cargo install cargo-fuzz --locked'" >&2
    exit 1
fi

cargo run --quiet --locked --package isofold-conformance -- seeds tests/fuzz/corpus
cd tests/fuzz
# A result may have ten million rows: what takes long or much memory is looked at by the budgets, not here.
cargo +nightly fuzz run --fuzz-dir . "$target" -- -max_total_time="$seconds" -dict=words.dict -max_len=16384 \
    -timeout=60 -rss_limit_mb=4096 -print_final_stats=1
