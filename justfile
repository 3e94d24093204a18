# `just` alone is the manual; without an installed just: npx --yes rust-just RECIPE

# list the recipes
default:
    @just --list --unsorted

# build the WebAssembly module and its glue
wasm:
    tools/wasm.sh

# build the Node addon for this machine
addon:
    tools/addon.sh

# build the npm tarball with both
pack:
    tools/pack.sh

# install the tarball in fresh projects of every environment: just packaging, or just packaging deno vite
packaging *names: pack
    node tests/packaging/run.mjs {{names}}
