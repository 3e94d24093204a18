#!/usr/bin/env bash
# Runs what is `unsafe` in the bindings under valgrind: the addon's reading of JavaScript's memory, the module's importer
# and exporter of Arrow, its reading of NumPy's memory. Each access out of bounds, after the end or before the first
# writing is an error, and so is a block that is lost. The core has no `unsafe`; the one in the WebAssembly module is the
# glue of its allocator, which no tool can watch.
#
#   tools/memory-check.sh                      both
#   tools/memory-check.sh node                 one of node and python
#
# The modules are those that panic where the environment says so, which other tests have built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/steps.sh

if [[ $(uname -s) != Linux ]]; then
    node tools/skips/skips.mjs "memory check" "valgrind is used on Linux, this is $(uname -s)"
    exit
fi
names=("${@:-node}")
[[ $# -gt 0 ]] || names=(node python)
target=${CARGO_TARGET_DIR:-target}
root=$PWD
output=$root/$target/memory-check
rm -rf "$output"
mkdir -p "$output"

# Every allocation is one of its own, so that its end is known, and so is who asked for it.
watched() {
    local name=$1 ours=$2
    shift 2
    # the heap of JavaScript is no heap of malloc, and its compiled code is written over and over
    "$valgrind" --quiet --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --num-callers=30 \
        --suppressions="$root/tests/memory/known.supp" \
        --xml=yes --xml-file="$output/$name.xml" --smc-check=all-non-file "$@" ||
        { echo "$name: the program itself failed" >&2; return 1; }
    python3 "$root/tools/memory_report.py" "$output/$name.xml" "$ours"
}

steps $((1 + 2 * ${#names[@]}))
step "looking for valgrind"
valgrind=$(tools/valgrind.sh | tail -n 1)
for name in "${names[@]}"; do
    case $name in
        node)
            step "compiling the addon"
            tools/faulty-addon.sh
            addon=$(compgen -G "$PWD/$target/isofold-faults/isofold.*.node")
            step "reading JavaScript's memory under valgrind"
            waited watched node "$(basename "$addon")" node --expose-gc tests/memory/addon.mjs "$addon"
            ;;
        python)
            step "compiling the Python module"
            compiling cargo build "${cargo_words[@]}" --locked --package isofold-python --features faults --target-dir "$target"
            cp -r pkg/python/src/isofold "$output/isofold"
            rm -f "$output"/isofold/_isofold.*
            cp "$target/debug/lib_isofold.so" "$output/isofold/_isofold.abi3.so"
            python=$(tools/python.sh)
            step "reading Arrow and NumPy under valgrind"
            (cd pkg/python && PYTHONMALLOC=malloc PYTHONPATH=$output:$PWD/tests ARROW_DEFAULT_MEMORY_POOL=system \
                waited watched python _isofold.abi3.so "$python" -m pytest --quiet -p no:cacheprovider \
                tests/test_arrow.py tests/test_tables.py::test_numpy \
                tests/test_rollup.py::test_a_result_without_rows_keeps_its_columns)
            ;;
        *)
            echo "nothing is called $name here, there are: node python" >&2
            exit 2
            ;;
    esac
done
