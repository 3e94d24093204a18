# `just` alone is the manual; without an installed just: npx --yes rust-just RECIPE

export CARGO_TERM_COLOR := "never"

# list the recipes
default:
    @just --list --unsorted

# one data set through every host, one digest: just demo, or just demo FILE --spec SPEC.json, or just demo --all
[no-cd, positional-arguments]
demo *args:
    @node {{quote(justfile_directory() / "demo/run.mjs")}} "$@"

# the seconds-long loop: format, lints and the tests of the core
quick:
    cargo fmt --all -- --check
    cargo clippy --quiet --package isofold --all-targets -- --deny warnings
    cargo test --quiet --package isofold --lib --test layers --test verbs

# everything that CI runs; sets up what is missing
test: lint rust python npm budgets conformance readme packaging chat-telemetry-test

# format, lints and generated files of every crate
lint:
    cargo fmt --all -- --check
    cargo clippy --quiet --workspace --all-targets -- --deny warnings
    RUSTDOCFLAGS="--deny warnings" cargo doc --quiet --workspace --no-deps
    python3 core/tables/generate.py --check

# the Rust tests: core, properties, doc examples, facade, stores with a PostgreSQL of their own, data truth where ISOFOLD_DATA is
rust:
    tools/postgres.sh tools/cargo-test.sh --workspace

# the Python package, installed as a user would
wheel:
    tools/wheel.sh

# the tests of the Python package, with a PostgreSQL of their own, and of the benchmarks' checker of answers and of the tools
python: wheel
    cd pkg/python && ../../tools/postgres.sh ../../tools/pytest.sh
    tools/pytest.sh tests/benchmarks tests/tools
    tools/postgres.sh tools/oldest-python.sh

# all that there is, hours on a small machine: test, then what takes too long for every change
everything: test spark kills soak architectures memory-check fuzz-all (bench-peers "--rows" "20000")

# isofold.spark on executors of their own, and the three lines for Dask; installs Spark and, where there is none, a JRE
spark: wheel
    PYTHON="$(tools/spark.sh)" tools/pytest.sh tests/spark

# kill refreshers of SQLite and PostgreSQL 200 times at random points
kills: wheel
    cd pkg/python && ISOFOLD_KILLS=100 ../../tools/postgres.sh ../../tools/pytest.sh tests/stores -k kill

# refreshers of Python and Node, writers, kills, wrong clocks, prunes and other catalogs at once, for ISOFOLD_SOAK_MINUTES (60); just soak --write keeps the figures
[positional-arguments]
soak *args: wheel pack
    @tools/postgres.sh "$(tools/python.sh)" tests/soak/run.py "$@"

# what the triggers of stores cost whoever writes rows; just bench-triggers --write keeps the figures
[positional-arguments]
bench-triggers *args: wheel
    @tools/postgres.sh "$(tools/python.sh)" tests/benchmarks/triggers.py "$@"

# the core's tests and the vectors on aarch64, i686 and s390x under qemu: just architectures, or just architectures s390x
architectures *names:
    tools/architectures.sh {{names}}

# what is unsafe in the bindings, under valgrind: just memory-check, or just memory-check python
memory-check *names:
    tools/memory-check.sh {{names}}

# build the WebAssembly module and its glue
wasm:
    tools/wasm.sh

# the size of the WebAssembly module, each way of building it: for size, and with the library as it is delivered
wasm-ways:
    tools/wasm-ways.sh

# build the Node addon for this machine
addon:
    tools/addon.sh

# build the command for this machine, and with --wheel or --npm also its packages: target/isofold-cli/isofold
[positional-arguments]
cli *args:
    tools/cli.sh "$@"

# build the npm tarball with both
pack:
    tools/pack.sh

# build the npm package and test both of its backends
npm: pack
    tools/faulty-addon.sh
    tools/postgres.sh node --test $(tools/skips/node-options.sh .) pkg/npm/tests/*.test.mjs

# sizes that matter, against tests/budgets.json
budgets: wheel wasm instructions
    node tests/budgets.mjs

# instructions of the hot loops, against tests/instructions.json
instructions:
    node tests/instructions.mjs

# the tarballs that are published: the package without an addon, and the one of this platform
release-npm: pack
    tools/npm-platform.sh
    node pkg/npm/release.mjs main
    python3 tools/no_paths.py "${CARGO_TARGET_DIR:-target}"/isofold-npm-release/main/*.tgz

# install the tarballs in fresh projects of every environment: just packaging, or just packaging deno vite
packaging *names: release-npm
    node tests/packaging/run.mjs {{names}}

# the vectors in every host: just conformance, or just conformance node deno
conformance *hosts: pack wheel
    cargo run --quiet --locked --package isofold-conformance -- generate --check
    node tests/conformance/run.mjs {{hosts}}
    tools/pytest.sh tests/conformance/python

# chat telemetry on Next.js: seeds, refreshes, builds and serves; just chat-telemetry --test ends by itself
[positional-arguments]
chat-telemetry *args: pack
    tools/chat-telemetry.sh
    cd examples/chat-telemetry && npm run --silent demo -- "$@"

# the tests of chat telemetry: PGlite, PostgreSQL, routes, and the built application in Chromium
chat-telemetry-test: pack
    tools/chat-telemetry.sh
    cd examples/chat-telemetry && npm run --silent check
    TEST_OPTIONS="$(tools/skips/node-options.sh examples/chat-telemetry)" CHROMIUM="$(tools/chromium.sh)" tools/postgres.sh npm --prefix examples/chat-telemetry run --silent test

# oil wells on FastAPI: simulates 90 days, builds, serves; just wells --test asks every route and ends
[positional-arguments]
wells *args: wheel
    cd examples/wells && "$(../../tools/wells.sh)" -m wells "$@"

# the tests of the wells: every aggregate against exact arithmetic, the routes, on SQLite and PostgreSQL
wells-test: wheel
    cd examples/wells && PYTHON="$(../../tools/wells.sh)" ../../tools/postgres.sh ../../tools/pytest.sh

# the README: its examples as they stand there, and every digest that it tells
readme:
    node demo/readme.mjs

# fuzz one door of the kernel: just fuzz decode 60; targets are decode, spec, query, expression, ingest
fuzz target seconds:
    tools/fuzz.sh {{target}} {{seconds}}

# fuzz every door of the kernel for ten minutes each
fuzz-all:
    tools/fuzz.sh all 600

# isofold and the engines that a user would pick instead, in one run: just bench-peers, or just bench-peers --rows 20000
[positional-arguments]
bench-peers *args:
    @python3 tests/benchmarks/run.py "$@"
