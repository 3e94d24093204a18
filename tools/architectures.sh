#!/usr/bin/env bash
# Runs the tests of the core and the vectors on processors that this machine is not, under qemu: aarch64, i686 (32 bits)
# and s390x (big-endian), as they are debugged and as they are released, where arithmetic wraps instead of panicking, and
# as the oldest compiler that the project serves releases them.
#
#   tools/architectures.sh                     all of them
#   tools/architectures.sh s390x i686/release  one, and another as it is released; also /dev and /oldest
#   tools/architectures.sh --write             all, and writes the results into docs/architectures.md, each when it is there
#
# Needs Debian's cross compilers and qemu-user-static, which it installs, and the libraries of the targets, which rustup
# adds or, where it cannot, Debian's compiler builds from its source. The oldest compiler comes from rustup alone; where
# it cannot be had, that is told, here and in the docs, and the rest runs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/steps.sh

write=
if [[ ${1:-} == --write ]]; then
    write=1
    shift
fi
all=(aarch64 i686 s390x)
wanted=("${@:-${all[@]}}")
runs=()
for name in "${wanted[@]}"; do
    case $name in
        */dev | */release | */oldest) runs+=("$name") ;;
        */*)
            echo "a processor runs its tests as dev, release or oldest, got $name" >&2
            exit 2
            ;;
        *) runs+=("$name/dev" "$name/release" "$name/oldest") ;;
    esac
done
tests=(--lib --test golden --test laws --test verbs --test time_buckets --test hostile --test grain --test records
    --test relations --test refusals --test types --test query_answers --test exact_sums)

# Word by word: what gcc calls the target, Debian's packages, the program that runs it and its libraries.
of_architecture() {
    case $1 in
        aarch64) echo aarch64-linux-gnu gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-aarch64-static /usr/aarch64-linux-gnu ;;
        i686) echo i686-linux-gnu gcc-i686-linux-gnu libc6-dev-i386-cross qemu-i386-static /usr/i686-linux-gnu ;;
        s390x) echo s390x-linux-gnu gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-s390x-static /usr/s390x-linux-gnu ;;
        *)
            echo "no architecture is called $1, there are: ${all[*]}" >&2
            exit 2
            ;;
    esac
}

# Installs Debian's packages, or says which of them are missing and how they are had.
install() {
    local missing=() package
    for package in "$@"; do
        [[ $(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0
    if command -v apt-get >/dev/null && [[ $(id -u) == 0 ]] && { apt-get update -qq && apt-get install -y -qq -o DPkg::Lock::Timeout=300 --no-install-recommends "${missing[@]}"; } >&2; then
        return
    fi
    echo "missing here: ${missing[*]}; with a network, on Debian and Ubuntu: apt-get install ${missing[*]}" >&2
    exit 1
}

packages() {
    local gcc compiler libc rest run words
    echo qemu-user-static
    for run in "${runs[@]}"; do
        words=$(of_architecture "${run%/*}") || return
        read -r gcc compiler libc rest <<<"$words"
        printf '%s\n' "$compiler" "$libc"
    done
}

# Whether rustup has the library of a target for a toolchain, or can bring it.
has_library() {
    command -v rustup >/dev/null || return
    rustup target list --installed --toolchain "$1" 2>/dev/null | grep -qx "$2" && return
    timeout 180 rustup target add --toolchain "$1" "$2" >&2
}

# How to call cargo for a target, one word a line.
cargo_for() {
    if has_library "$(rustup show active-toolchain 2>/dev/null | cut -d ' ' -f 1)" "$1"; then
        echo cargo
        return
    fi
    echo "rustup cannot bring the library of $1; it is built from the source that Debian's compiler has" >&2
    install rustc-web cargo-web rust-web-src
    printf '%s\n' env RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc /usr/bin/cargo -Zbuild-std
}

# The same for the oldest compiler; nothing where it cannot be had.
oldest_cargo_for() {
    command -v rustup >/dev/null || return 0
    rustup "+$oldest" which rustc >/dev/null 2>&1 || timeout 300 rustup toolchain install "$oldest" --profile minimal >&2 || return 0
    if has_library "$oldest" "$1"; then printf '%s\n' cargo "+$oldest"; fi
}

logged() { "${@:2}" >>"$1" 2>&1; }

# Runs the tests of one architecture in one way, by the cargo that follows, and prints how many passed.
tested() {
    local name=$1 way=$2 cargo=("${@:3}") gcc compiler libc runner libraries target upper passed
    read -r gcc compiler libc runner libraries <<<"$(of_architecture "$name")"
    target=$name-unknown-linux-gnu
    upper=$(tr 'a-z-' 'A-Z_' <<<"$target")
    export "CARGO_TARGET_${upper}_LINKER=$gcc-gcc" "CARGO_TARGET_${upper}_RUNNER=$runner -L $libraries"
    export CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
    local log=target/architectures/$name-$way.log
    mkdir -p target/architectures
    local flags=(--target "$target" --target-dir target/architectures --locked)
    [[ $way == dev ]] || flags+=(--release)
    : >"$log"
    waited logged "$log" "${cargo[@]}" test --package isofold "${flags[@]}" "${tests[@]}" &&
        waited logged "$log" "${cargo[@]}" test --package isofold-conformance "${flags[@]}" --test vectors || {
        grep -E '^test .*FAILED|panicked|^error' "$log" | head -20 >&2
        tail -5 "$log" >&2
        return 1
    }
    passed=$(grep -oE '^test result: ok\. [0-9]+' "$log" | awk '{ sum += $4 } END { print sum }')
    [[ $passed -gt 0 ]] || { echo "no test ran on $name" >&2; return 1; }
    echo "$passed"
}

oldest=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
digest=$(sha256sum tests/vectors/golden/every_state.isofold | cut -d ' ' -f 1)

# Keeps a result, and writes all that there are into the docs: all runs together take hours on a small machine.
kept() {
    local run=$1 passed=$2 compiler=$3 profile=${1#*/} shown="\`$digest\`"
    [[ $profile == dev ]] || profile=release
    [[ $passed == [0-9]* ]] || shown=
    echo "| ${run%/*} | Rust $compiler | $profile | $passed | $(date -u +%Y-%m-%d) | $shown |" >"target/architectures/${run/\//-}.result"
    [[ -n $write ]] || return 0
    {
        echo '# Other machines'
        echo
        echo 'The law says: same rows, same bytes, on every machine. `just architectures` runs the tests of the core (units,'
        echo 'laws, golden bytes, verbs, buckets, hostile input) and all vectors for aarch64, for i686 with its 32 bits, and for'
        echo 's390x, which keeps the high byte first, under qemu: as they are debugged, as they are released, and as the oldest'
        echo 'compiler that the project serves releases them. WebAssembly has a run of its own: `just conformance`.'
        echo
        echo 'The last run of each. The digest is that of the golden rollup with every state, which each run folds anew from its'
        echo 'rows and compares byte for byte.'
        echo
        echo '| architecture | compiler | profile | tests passed | on | SHA-256 of every state |'
        echo '|---|---|---|---|---|---|'
        cat target/architectures/*.result
    } >docs/architectures.md
    echo "wrote docs/architectures.md" >&2
}

steps $((1 + ${#runs[@]}))
step "installing compilers and emulators"
needed=$(packages | sort --unique)
mapfile -t needed <<<"$needed"
install "${needed[@]}"
for run in "${runs[@]}"; do
    name=${run%/*} way=${run#*/}
    step "testing on $name ($way)"
    if [[ $way == oldest ]]; then words=$(oldest_cargo_for "$name-unknown-linux-gnu"); else words=$(cargo_for "$name-unknown-linux-gnu"); fi
    if [[ -z $words ]]; then
        echo "left out: $name with Rust $oldest, which rustup cannot bring here (rustup toolchain install $oldest)" >&2
        [[ -f target/architectures/$name-$way.result ]] || kept "$run" "the compiler could not be had" "$oldest"
        continue
    fi
    mapfile -t cargo <<<"$words"
    compiler=$("${cargo[@]}" --version | cut -d ' ' -f 2)
    passed=$(tested "$name" "$way" "${cargo[@]}")
    echo "ok $name, Rust $compiler, $way: $passed tests passed"
    kept "$run" "$passed" "$compiler"
done
