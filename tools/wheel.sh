#!/usr/bin/env bash
# Builds the wheel in target/wheels, as `pip install` would, and installs it in the environment of the tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/steps.sh

steps 3
step "the Python environment"
python=$(tools/python.sh)
pip() { "$python" -m pip "$1" --quiet --disable-pip-version-check "${@:2}"; }

step "compiling the wheel"
rm -rf target/wheels
waited pip wheel --no-deps --wheel-dir target/wheels ./pkg/python
step "installing the wheel"
pip install --force-reinstall target/wheels/*.whl
