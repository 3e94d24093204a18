#!/usr/bin/env bash
# Builds bindings/wasm and leaves the optimised module and its glue in target/isofold-wasm/.
# Quick when nothing changed: cargo sees that, and the later steps run only on a new module.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/steps.sh

target=${CARGO_TARGET_DIR:-target}
output=$target/isofold-wasm
# -O3 and -Os differ by less than a kilobyte compressed; speed decides. The lowest kilobyte of memory is the end of the
# stack, which lies before all data: no address that wraps around is ever read. What is inlined is for the compiler to
# choose, which knows what is cold: only functions smaller than their call are inlined here, and two kilobytes less.
level=${WASM_OPT_LEVEL:--O3 --converge --low-memory-unused --one-caller-inline-max-function-size=0
    --always-inline-max-function-size=4 --flexible-inline-max-function-size=4}

crate_version() { sed -n "/^name = \"$1\"$/{n;s/^version = \"\(.*\)\"$/\1/p}" "$2"; }
runtime=$(crate_version wasm-bindgen Cargo.lock)
generator=$(crate_version wasm-bindgen-cli-support tools/wasm-bindgen/Cargo.lock)
if [[ $runtime != "$generator" ]]; then
    echo "wasm-bindgen must have one version, got $runtime in Cargo.lock and $generator in tools/wasm-bindgen/Cargo.lock" >&2
    exit 1
fi

steps 4
step "looking for a compiler"
# of functions that are not told to be, those are inlined that make their callers no larger
CARGO_ENCODED_RUSTFLAGS=$(RUSTFLAGS='' tools/path-flags.sh -C target-feature=+simd128 -C llvm-args=--inline-threshold=0)
export CARGO_ENCODED_RUSTFLAGS
found=$(tools/wasm-target.sh)
mapfile -t cargo <<<"$found"
# Compilers must not share a folder: each would throw away the other's work.
if [[ $found == *-Zbuild-std=* ]]; then way=small folder=$target/wasm; else way=delivered folder=$target/wasm-delivered; fi
step "compiling the module"
compiling "${cargo[@]}" build "${cargo_words[@]}" --locked --profile wasm --package isofold-wasm \
    --target wasm32-unknown-unknown --target-dir "$folder"
compiled=$folder/wasm32-unknown-unknown/wasm/isofold_wasm.wasm
# what comes now is built for this machine
unset CARGO_ENCODED_RUSTFLAGS

tools/npm-ci.sh pkg/npm
optimiser=$(node -p 'require("./pkg/npm/node_modules/binaryen/package.json").version')
stamp="$(cat "$compiled" tools/wasm-bindgen/src/*.rs | sha256sum | cut -d ' ' -f 1) $generator $optimiser $level $way"
if [[ -f $output/stamp && $(<"$output/stamp") == "$stamp" ]]; then
    exit
fi

rm -rf "$output"
step "generating the glue"
compiling cargo run "${cargo_words[@]}" --locked --release --manifest-path tools/wasm-bindgen/Cargo.toml --target-dir "$target/tools" \
    -- "$compiled" "$output"
step "optimising the module"
waited node pkg/npm/node_modules/binaryen/bin/wasm-opt $level --enable-simd --enable-bulk-memory --enable-bulk-memory-opt \
    --enable-sign-ext --enable-nontrapping-float-to-int --enable-mutable-globals --enable-reference-types \
    --enable-multivalue --strip-debug "$output/isofold_bg.wasm" -o "$output/isofold.wasm"
rm "$output/isofold_bg.wasm"
python3 tools/no_paths.py "$output/isofold.wasm"
# which budget it has (tests/budgets.mjs)
echo "$way" >"$output/way"
echo "$stamp" >"$output/stamp"
