#!/usr/bin/env bash
# Makes a compiler for wasm32-unknown-unknown available and prints how to call cargo with it, one word a line.
#
#   mapfile -t cargo < <(tools/wasm-target.sh)
#   "${cargo[@]}" build --profile wasm --target wasm32-unknown-unknown
#
# First choice is the target of the active toolchain, added by rustup when it is missing. Where rustup cannot
# download, Debian's compiler for the web builds the standard library from source, and then for size: sorting and
# panics without texts take a fifth less of the download.
set -euo pipefail

target=wasm32-unknown-unknown

say() { printf '%s\n' "$*" >&2; }

has_target() {
    local library
    library=$(rustc --print target-libdir --target "$target" 2>/dev/null) && compgen -G "$library/libstd-*.rlib" >/dev/null
}

has_debian_web() {
    [[ -x /usr/bin/rustc && -x /usr/bin/cargo ]] && [[ -f $(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library/std/Cargo.toml ]]
}

# The linker must be rust-lld itself: cargo passes it `-flavor wasm`, which the wrapper `wasm-ld` does not know.
rust_lld() {
    local compiler sysroot found
    for compiler in rustc /usr/bin/rustc; do
        sysroot=$("$compiler" --print sysroot 2>/dev/null) || continue
        found=$(compgen -G "$sysroot/lib/rustlib/*/bin/rust-lld" | head -n 1) && [[ -n $found ]] && echo "$found" && return
    done
    command -v lld || compgen -G '/usr/lib/llvm-*/bin/lld' | sort -V | tail -n 1 | grep .
}

if ! has_target && ! has_debian_web && command -v rustup >/dev/null; then
    say "adding $target with rustup"
    rustup target add "$target" >&2 || say "rustup cannot add it; looking for Debian's compiler"
fi
if has_target; then
    echo cargo
    exit
fi
if ! has_debian_web && command -v apt-get >/dev/null && [[ $(id -u) == 0 ]]; then
    say "installing rustc-web, cargo-web and rust-web-src"
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends rustc-web cargo-web rust-web-src lld; } >&2 || true
fi
if ! has_debian_web; then
    say "no compiler for $target: run 'rustup target add $target',"
    say "or, on Debian and Ubuntu, 'apt-get install rustc-web cargo-web rust-web-src'"
    exit 1
fi
if ! linker=$(rust_lld); then
    say "no linker for $target: rust-lld is neither in a Rust toolchain nor installed as 'lld'"
    exit 1
fi
# A library built here can also be small: plain sorts, and panics that stop without words. The core never panics on
# input, and wasm has no place to print to.
printf '%s\n' env RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$linker" \
    /usr/bin/cargo -Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size \
    -Zpanic-immediate-abort --config 'profile.wasm.panic="immediate-abort"'
