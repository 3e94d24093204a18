#!/usr/bin/env bash
# Makes a compiler for wasm32-unknown-unknown available and prints how to call cargo with it, one word a line.
#
#   mapfile -t cargo < <(tools/wasm-target.sh)
#   "${cargo[@]}" build --profile wasm --target wasm32-unknown-unknown
#
# A library built here for size, whose panics stop without words, makes a twentieth less of the download. So the first
# choice is the source of the library, added to the active toolchain by rustup where it is missing; the second Debian's
# compiler for the web, which has it; the last the target as rustup delivers it. ISOFOLD_WASM=source, debian or ordinary
# takes one of them or fails; so does emulated, which builds the library from Debian's source as rustup delivers it, for
# machines that cannot have that. The way is told on stderr.
set -euo pipefail

target=wasm32-unknown-unknown

say() { printf '%s\n' "$*" >&2; }

wanted=${ISOFOLD_WASM:-}
is_wanted() { [[ -z $wanted || $wanted == "$1" ]]; }

has_target() {
    local library
    library=$(rustc --print target-libdir --target "$target" 2>/dev/null) && compgen -G "$library/libcore-*.rlib" >/dev/null
}

# The source of the library, and a compiler new enough to build it so.
has_source() {
    [[ -f $("$1" --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library/core/Cargo.toml ]] &&
        RUSTC_BOOTSTRAP=1 "$1" -Zunstable-options -Cpanic=immediate-abort --print cfg >/dev/null 2>&1
}

has_debian_web() { [[ -x /usr/bin/rustc && -x /usr/bin/cargo ]] && has_source /usr/bin/rustc; }

add_with_rustup() {
    command -v rustup >/dev/null || return
    say "adding $2 with rustup"
    timeout 180 rustup "$1" add "$2" >&2 || say "rustup cannot add it"
}

# Cargo for a library built here. Its panic strategy is not stable, hence RUSTC_BOOTSTRAP.
from_source() {
    local linker
    if ! linker=$(rust_lld); then
        say "no linker for $target: rust-lld is neither in a Rust toolchain nor installed as 'lld'"
        exit 1
    fi
    say "the library for $target is built from source, with $("$1" --version)"
    printf '%s\n' env RUSTC_BOOTSTRAP=1 RUSTC="$1" "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$linker" \
        "$2" -Zbuild-std=core,alloc -Zbuild-std-features=optimize_for_size \
        -Zpanic-immediate-abort --config 'profile.wasm.panic="immediate-abort"'
    exit
}

# Cargo for a library as it is delivered: at most without the places of panics, which have no reader either. That option
# is not stable, so it is left out where the compiler does not know it.
as_delivered() {
    say "the library for $target is as delivered, with $("$1" --version)"
    if RUSTC_BOOTSTRAP=1 "$1" -Zlocation-detail=none --print cfg >/dev/null 2>&1; then
        printf '%s\n' env RUSTC_BOOTSTRAP=1 \
            "CARGO_ENCODED_RUSTFLAGS=${CARGO_ENCODED_RUSTFLAGS:+$CARGO_ENCODED_RUSTFLAGS$'\x1f'}-Zlocation-detail=none" "${@:3}"
    fi
    echo "$2"
    exit
}

# A compiler whose library for the target is built once, with the flags that Rust's own releases are built with.
emulated() {
    local folder=$PWD/${CARGO_TARGET_DIR:-target}/wasm-sysroot
    if [[ ! -x $folder/rustc ]]; then
        rm -rf "$folder"
        mkdir -p "$folder/empty/src" "$folder/lib/rustlib/$target/lib"
        printf '%s\n' '[package]' 'name = "empty"' 'edition = "2021"' '[workspace]' >"$folder/empty/Cargo.toml"
        echo '#![no_std]' >"$folder/empty/src/lib.rs"
        RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc RUSTFLAGS='-Cembed-bitcode=yes -Zforce-unstable-if-unmarked' \
            /usr/bin/cargo build --quiet --release -Zbuild-std=core,alloc --target "$target" \
            --manifest-path "$folder/empty/Cargo.toml" --target-dir "$folder/target" >&2
        cp "$folder/target/$target/release/deps/"*.rlib "$folder/lib/rustlib/$target/lib"
        rm "$folder/lib/rustlib/$target/lib/"libempty*
        ln -s "$(/usr/bin/rustc --print sysroot)/lib/rustlib/"*-linux-* "$folder/lib/rustlib/"
        printf '%s\n' '#!/bin/sh' "exec /usr/bin/rustc --sysroot '$folder' \"\$@\"" >"$folder/rustc"
        chmod +x "$folder/rustc"
    fi
    echo "$folder/rustc"
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

if is_wanted source; then
    has_source rustc || has_debian_web || add_with_rustup component rust-src
    if has_source rustc; then from_source rustc cargo; fi
fi
if is_wanted debian; then
    if ! has_debian_web && command -v apt-get >/dev/null && [[ $(id -u) == 0 ]]; then
        say "installing rustc-web, cargo-web and rust-web-src"
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends rustc-web cargo-web rust-web-src lld; } >&2 || true
    fi
    if has_debian_web; then from_source /usr/bin/rustc /usr/bin/cargo; fi
fi
if [[ $wanted == emulated ]] && has_debian_web; then
    as_delivered "$(emulated)" /usr/bin/cargo "RUSTC=$(emulated)" "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$(rust_lld)"
fi
if is_wanted ordinary; then
    has_target || add_with_rustup target "$target"
    if has_target; then as_delivered rustc cargo; fi
fi
say "no compiler for $target: run 'rustup component add rust-src' or 'rustup target add $target',"
say "or, on Debian and Ubuntu, 'apt-get install rustc-web cargo-web rust-web-src'"
exit 1
