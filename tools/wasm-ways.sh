#!/usr/bin/env bash
# Builds the WebAssembly module each way and prints its size, compressed by brotli; the first way that can be had is
# what stays in target/isofold-wasm. Where rustup cannot deliver the target, its library is built as it would be.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

output=${CARGO_TARGET_DIR:-target}/isofold-wasm
size='const { brotliCompressSync, constants } = require("node:zlib")
const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 }
console.log(brotliCompressSync(require("node:fs").readFileSync(process.argv[1]), { params }).length)'

built() {
    ISOFOLD_WASM=$1 tools/wasm.sh &&
        printf '%-10s %-10s %s bytes\n' "$1" "$(<"$output/way")" "$(node -e "$size" "$output/isofold.wasm")"
}

{ built ordinary || built emulated; } || echo "ordinary   cannot be had here"
for way in debian source; do
    built "$way" || echo "$way   cannot be had here"
done
tools/wasm.sh
