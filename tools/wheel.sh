#!/usr/bin/env bash
# Builds the wheels in target/wheels and target/cli-wheels, as `pip install` would, and installs them in the environment of
# the tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/steps.sh

steps 4
step "the Python environment"
python=$(tools/python.sh)
pip() { "$python" -m pip "$1" --quiet --disable-pip-version-check "${@:2}"; }

step "compiling the wheel"
rm -rf target/wheels
CARGO_ENCODED_RUSTFLAGS=$(tools/path-flags.sh) waited pip wheel --no-deps --wheel-dir target/wheels ./pkg/python
python3 tools/wheel_sbom.py target/wheels/*.whl
python3 tools/no_paths.py target/wheels/*.whl
step "the command"
tools/cli.sh --wheel
step "installing the wheels"
pip install --force-reinstall target/wheels/*.whl "${CARGO_TARGET_DIR:-target}"/cli-wheels/*.whl
