#!/usr/bin/env bash
# Prints flags for rustc, as CARGO_ENCODED_RUSTFLAGS wants them: those that are given, then those of RUSTFLAGS, then ones
# by which what is compiled names no folder of this machine. Whatever may be published is compiled under them:
#
#   CARGO_ENCODED_RUSTFLAGS=$(tools/path-flags.sh) cargo build --release
#
# All scripts that compile for release take the same ones, since cargo compiles anew under other flags. They are no
# setting of the workspace: that would compile every test under them, and knows nothing of where a tree lies.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

flags=("$@")
[[ -z ${RUSTFLAGS:-} ]] || read -r -a own <<<"$RUSTFLAGS"
flags+=(${own[@]+"${own[@]}"})

real() { realpath "$1" 2>/dev/null || echo "$1"; }

# The last one that fits is taken, so the folders inside come after those around them.
remap() {
    [[ -n $1 && $1 != / ]] || return 0
    flags+=("--remap-path-prefix=$1=$2")
    [[ $(real "$1") == "$1" ]] || flags+=("--remap-path-prefix=$(real "$1")=$2")
}
remap "${HOME:-}" "~"
remap "${CARGO_HOME:-${HOME:-}/.cargo}" /cargo
for compiler in rustc /usr/bin/rustc; do
    sysroot=$("$compiler" --print sysroot 2>/dev/null) || continue
    version=$("$compiler" --version --verbose | sed -n 's/^commit-hash: //p')
    remap "$sysroot" /rust
    # the name that a library has which was compiled elsewhere
    remap "$sysroot/lib/rustlib/src/rust" "/rustc/$version"
done
remap "$PWD" /isofold
remap "${CARGO_TARGET_DIR:-}" /isofold/target

separator=$'\x1f'
printf -v joined "%s$separator" "${flags[@]}"
echo "${joined%"$separator"}"
