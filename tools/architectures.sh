#!/usr/bin/env bash
# Runs the tests of the core and the vectors on processors that this machine is not, under qemu: aarch64, i686 (32 bits)
# and s390x (big-endian), as they are debugged and as they are released, where arithmetic wraps instead of panicking, and
# as the oldest compiler that the project serves releases them.
#
#   tools/architectures.sh                     all of them
#   tools/architectures.sh s390x               one
#   tools/architectures.sh --write             all, and writes the result into docs/architectures.md
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
names=("${@:-${all[@]}}")
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
    if command -v apt-get >/dev/null && [[ $(id -u) == 0 ]] && { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >&2; then
        return
    fi
    echo "missing here: ${missing[*]}; with a network, on Debian and Ubuntu: apt-get install ${missing[*]}" >&2
    exit 1
}

packages() {
    local gcc compiler libc rest name
    echo qemu-user-static
    for name in "${names[@]}"; do
        read -r gcc compiler libc rest <<<"$(of_architecture "$name")"
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
    has_library "$oldest" "$1" && printf '%s\n' cargo "+$oldest"
}

# Runs the tests of one architecture in one profile, by the cargo that follows, and prints how many passed.
tested() {
    local name=$1 profile=$2 cargo=("${@:3}") gcc compiler libc runner libraries target upper passed
    read -r gcc compiler libc runner libraries <<<"$(of_architecture "$name")"
    target=$name-unknown-linux-gnu
    upper=$(tr 'a-z-' 'A-Z_' <<<"$target")
    export "CARGO_TARGET_${upper}_LINKER=$gcc-gcc" "CARGO_TARGET_${upper}_RUNNER=$runner -L $libraries"
    export CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
    local log=target/architectures/$name-$profile.log
    mkdir -p target/architectures
    local flags=(--target "$target" --target-dir target/architectures --locked)
    [[ $profile == release ]] && flags+=(--release)
    {
        waited "${cargo[@]}" test --package isofold "${flags[@]}" "${tests[@]}" &&
            waited "${cargo[@]}" test --package isofold-conformance "${flags[@]}" --test vectors
    } >"$log" 2>&1 || {
        grep -E '^test .*FAILED|panicked|^error' "$log" | head -20 >&2
        tail -5 "$log" >&2
        return 1
    }
    passed=$(grep -oE '^test result: ok\. [0-9]+' "$log" | awk '{ sum += $4 } END { print sum }')
    [[ $passed -gt 0 ]] || { echo "no test ran on $name" >&2; return 1; }
    echo "$passed"
}

oldest=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
steps $((1 + 3 * ${#names[@]}))
step "installing compilers and emulators"
mapfile -t wanted < <(packages)
install "${wanted[@]}"
digest=$(sha256sum tests/vectors/golden/every_state.isofold | cut -d ' ' -f 1)
table=()
# After each run, since all of them take hours on a small machine.
written() {
    [[ -n $write ]] || return 0
    {
        echo '# Other machines'
        echo
        echo 'The law says: same rows, same bytes, on every machine. `just architectures` runs the tests of the core (units,'
        echo 'laws, golden bytes, verbs, buckets, hostile input) and all vectors for aarch64, for i686 with its 32 bits, and for'
        echo 's390x, which keeps the high byte first, under qemu: as they are debugged, as they are released, and as the oldest'
        echo 'compiler that the project serves releases them.'
        echo 'WebAssembly has a run of its own: `just conformance`.'
        echo
        echo "Last run: $(date -u +%Y-%m-%d). The digest is that of the golden rollup with every state, which each run folds anew from its"
        echo 'rows and compares byte for byte.'
        echo
        echo '| architecture | compiler | profile | tests passed | SHA-256 of every state |'
        echo '|---|---|---|---|---|'
        printf '%s\n' "${table[@]}"
    } >docs/architectures.md
}

ran() {
    local name=$1 profile=$2 compiler passed
    compiler=$("${@:3}" --version | cut -d ' ' -f 2)
    passed=$(tested "$@")
    table+=("| $name | Rust $compiler | $profile | $passed | \`$digest\` |")
    echo "ok $name, Rust $compiler, $profile: $passed tests passed"
    written
}
for name in "${names[@]}"; do
    target=$name-unknown-linux-gnu
    mapfile -t cargo < <(cargo_for "$target")
    [[ ${#cargo[@]} -gt 0 ]] || exit 1
    for profile in dev release; do
        step "testing on $name ($profile)"
        ran "$name" "$profile" "${cargo[@]}"
    done
    step "testing on $name (release, Rust $oldest)"
    mapfile -t cargo < <(oldest_cargo_for "$target")
    if [[ ${#cargo[@]} -gt 0 ]]; then
        ran "$name" release "${cargo[@]}"
    else
        echo "left out: $name with Rust $oldest, which rustup cannot bring here (rustup toolchain install $oldest)" >&2
        table+=("| $name | Rust $oldest | release | could not be had | |")
        written
    fi
done
[[ -z $write ]] || echo "wrote docs/architectures.md"
