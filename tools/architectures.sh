#!/usr/bin/env bash
# Runs the tests of the core and the vectors on processors that this machine is not, under qemu: aarch64, i686 (32 bits)
# and s390x (big-endian), as they are debugged and as they are released, where arithmetic wraps instead of panicking.
#
#   tools/architectures.sh                     all of them
#   tools/architectures.sh s390x               one
#   tools/architectures.sh --write             all, and writes the result into docs/architectures.md
#
# Needs Debian's cross compilers and qemu-user-static, which it installs, and the libraries of the targets, which rustup
# adds or, where it cannot, Debian's compiler builds from its source.
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

install() {
    local packages=(qemu-user-static) gcc compiler libc rest
    for name in "${names[@]}"; do
        read -r gcc compiler libc rest <<<"$(of_architecture "$name")"
        packages+=("$compiler" "$libc")
    done
    dpkg --status "${packages[@]}" >/dev/null 2>&1 && return
    apt-get update -qq >&2 && apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2
}

# How to call cargo for a target, one word a line.
cargo_for() {
    if rustup target add "$1" >&2 2>/dev/null; then
        echo cargo
        return
    fi
    [[ -x /usr/bin/cargo ]] || apt-get install -y -qq --no-install-recommends rustc-web cargo-web rust-web-src >&2
    printf '%s\n' env RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc /usr/bin/cargo -Zbuild-std
}

# Runs the tests of one architecture in one profile and prints how many passed.
tested() {
    local name=$1 profile=$2 gcc compiler libc runner libraries target upper passed
    read -r gcc compiler libc runner libraries <<<"$(of_architecture "$name")"
    target=$name-unknown-linux-gnu
    upper=$(tr 'a-z-' 'A-Z_' <<<"$target")
    mapfile -t cargo < <(cargo_for "$target")
    export "CARGO_TARGET_${upper}_LINKER=$gcc-gcc" "CARGO_TARGET_${upper}_RUNNER=$runner -L $libraries"
    export CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
    local log=target/architectures-$name-$profile.log
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

steps $((1 + 2 * ${#names[@]}))
step "installing compilers and emulators"
install
digest=$(sha256sum tests/vectors/golden/every_state.isofold | cut -d ' ' -f 1)
table=()
for name in "${names[@]}"; do
    for profile in dev release; do
        step "testing on $name ($profile)"
        passed=$(tested "$name" "$profile")
        table+=("| $name | $profile | $passed | \`$digest\` |")
        echo "ok $name $profile: $passed tests passed"
    done
done
if [[ -n $write ]]; then
    {
        echo '# Other machines'
        echo
        echo 'The law says: same rows, same bytes, on every machine. `just architectures` runs the tests of the core (units,'
        echo 'laws, golden bytes, verbs, buckets, hostile input) and all vectors for aarch64, for i686 with its 32 bits, and for'
        echo 's390x, which keeps the high byte first, under qemu, once as they are debugged and once as they are released.'
        echo 'WebAssembly has a run of its own: `just conformance`.'
        echo
        echo "Last run: $(date -u +%Y-%m-%d), $(rustc --version | cut -d ' ' -f 1,2). The digest is that of the golden rollup with every state,"
        echo 'which each run folds anew from its rows and compares byte for byte.'
        echo
        echo '| architecture | profile | tests passed | SHA-256 of every state |'
        echo '|---|---|---|---|'
        printf '%s\n' "${table[@]}"
    } >docs/architectures.md
    echo "wrote docs/architectures.md"
fi
